"""What a user lives through, and where it is tried.

Journeys in this folder go through a browser and several pages. Where a browser adds nothing, a journey is told by
Flask's client in the folder of its feature. This table says where, and `test_table.py` that each is there.

First issue: the whole main job, from `tracker up` to the digest
    tests/journeys/test_main_job.py::test_main_job
The text and its versions: a readable diff, and restoring one
    tests/campaigns/test_texts.py::test_what_changed_between_two_versions
    tests/campaigns/test_texts.py::test_an_earlier_version_is_restored
A change of a field is set back
    tests/pages/test_restoring.py::test_somebody_spoilt_the_summary
    tests/pages/test_set_back.py::test_a_company_spoilt_by_mistake
The bin, and putting back
    tests/bin/test_putting_back.py::test_i_took_back_the_wrong_demand
    tests/bin/test_putting_back.py::test_after_thirty_days_there_is_no_way_back
Follows, supports, escalates; merged and unmerged, with the old address leading on; started from a template; issue areas
    tests/journeys/test_relations.py::test_two_records_in_order
    tests/campaigns/test_links.py::test_said_on_both_pages
    tests/campaigns/test_start_another.py::test_what_is_ticked_goes_along
    tests/campaigns/test_issues.py::test_a_page_each
    tests/campaigns/test_issues.py::test_merged_and_undone_by_its_page
Searching: words, a phrase, an exclusion; a typing mistake, a search that is kept and followed; facets
    tests/pages/test_search.py::test_words_phrases_and_exclusions
    tests/pages/test_saved_searches.py::test_from_a_mistyped_word_to_a_digest
    tests/pages/test_campaign_list.py::test_words_and_facets
What we had recorded by a day, and what was published by a day
    tests/browser/test_print.py::test_i_go_back_to_a_day_and_return
    tests/pages/test_rewinding_records.py::test_by_either_way
Two editors at once: of a campaign, and of anything that is told anew
    tests/journeys/test_two_editors.py::test_two_people_edit_the_summary
    tests/timeline/test_told_at_once.py::test_two_correct_it
    tests/timeline/test_told_at_once.py::test_theirs_is_taken
Charts, each with its table
    tests/pages/test_charts.py::test_drawn_in_both_themes
    tests/pages/test_charts.py::test_the_table_without_a_script
    tests/pages/test_charts.py::test_votes_by_denominator
Print: a campaign, its history and a company
    tests/browser/test_print.py::test_i_print_a_briefing
    tests/journeys/test_on_paper.py::test_history_and_company
Home: what needs me, what went quiet, what changed since I was last here
    tests/pages/test_home.py::test_what_needs_me
    tests/pages/test_home.py::test_gone_quiet
    tests/pages/test_home.py::test_what_changed_since_i_was_last_here
Files on what is recorded, from choosing them to having them again
    tests/journeys/test_files.py::test_from_my_disk_to_another_one
    tests/pages/test_attachments.py::test_taking_back_and_destroying
Installing for real: started, backed up each night, upgraded, undone, restored, probed
    tests/operations/test_up.py::test_one_command_starts_everything_and_a_signal_ends_it
    tests/operations/test_upgrade.py::test_an_operator_upgrades
    tests/operations/test_upgrade.py::test_a_migration_that_fails_half_way_is_undone
    tests/operations/test_nightly.py::test_the_drill
    tests/operations/test_sealed_file.py::test_an_encrypted_backup_is_restored
    tests/operations/test_mail_probe.py::test_a_test_mail
Keyboard: shortcuts and their list, the quick log in under a minute
    tests/browser/test_shortcuts.py::test_by_keys_alone
    tests/browser/test_keyboard.py::test_quick_log_in_under_a_minute
First-run hints that go away
    tests/pages/test_hints.py::test_a_hint_goes_for_good_and_for_its_reader_alone
Several workers, a broker that dies: each digest once
    tests/journeys/test_two_workers.py::test_each_digest_arrives_once
"""
