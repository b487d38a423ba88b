"""The rules of safety for signatories, and where each is shown; `test_table.py` says that each test is there.

1. Names are shown only as their owner chose
    tests/signatures/test_every_page_as_everybody.py::test_nobody_reads_what_is_hidden
    tests/signatures/test_every_page_as_everybody.py::test_an_export_gives_nobody_more_than_they_may_have
    tests/signatures/test_access.py::test_public_signatories_are_as_each_chose
   only the signer makes a signature more visible, an organiser only less
    tests/signatures/test_service.py::test_only_the_signer_shows_more
    tests/signatures/test_receipt.py::test_more_or_less_visible_by_own_choice
    tests/signatures/test_same.py::test_hidden_by_one_receipt_both_are
   a campaign can forbid public names altogether
    tests/signatures/test_access.py::test_a_campaign_can_forbid_public_names
    tests/signatures/test_signing.py::test_names_can_be_forbidden
2. Contact data is apart and sealed, in a protected campaign names too
    tests/signatures/test_planted.py::test_what_lies_in_the_database
    tests/signatures/test_sealing.py::test_no_trace_of_a_protected_campaigns_people
    tests/signatures/test_sealing.py::test_no_trace_of_an_address_in_a_plain_campaign
    tests/signatures/test_sealing.py::test_a_moved_value_does_not_open
    tests/signatures/test_sealing.py::test_protecting_later_seals_what_lay_open
   looked up by a keyed hash that is different for each campaign
    tests/safety/test_keys.py::test_one_address_is_another_hash_in_another_campaign
   keys in a store of their own, backed up apart; destroying one erases, and a page says until when copies can be read
    tests/operations/test_backup.py::test_the_files_are_private_and_apart
    tests/retention/test_forgetting.py::test_killed_half_way_it_goes_on
    tests/retention/test_forgetting.py::test_a_restored_backup_brings_nobody_back
    tests/retention/test_forgetting.py::test_the_page_says_what_will_happen
   keys rotate by one command
    tests/operations/test_rotation.py::test_by_one_command
    tests/operations/test_rotation.py::test_killed_half_way
   the outbox is no way round: sealed, wiped after seven days, codes at once, the folder too
    tests/mail/test_claims.py::test_settled_mails_are_wiped_after_a_week
    tests/mail/test_claims.py::test_codes_are_wiped_as_soon_as_they_were_delivered
    tests/mail/test_folder.py::test_a_signers_mail_takes_a_reason_and_leaves_a_record
    tests/mail/test_folder.py::test_that_a_colleague_signed_is_nobodys_business
   revisions of sealed fields say only that they changed; no entry names a signatory
    tests/signatures/test_service.py::test_one_entry_an_act_and_no_name_in_it
    tests/signatures/test_receipt.py::test_the_history_names_nobody
   append-only yields to erasure and leaves a tombstone
    tests/signatures/test_service.py::test_a_destroyed_signatory_leaves_no_word
   protected lists sort by date and find whole words
    tests/signatures/test_sealing.py::test_a_protected_list_sorts_by_date_only
    tests/signatures/test_sealing.py::test_sealed_names_are_found_by_whole_words
   account addresses stay readable, which is said
    tests/safety/test_said.py::test_whose_address_stays_readable_is_told
3. Signing without e-mail: a code on paper, of which nothing records who gave it to whom, and a receipt code shown once
    tests/signatures/test_codes.py::test_signed_with_a_slip
    tests/signatures/test_codes.py::test_nothing_joins_a_signature_to_a_slip
    tests/signatures/test_codes.py::test_slips_are_shown_once
    tests/signatures/test_codes.py::test_a_code_works_once
    tests/signatures/test_codes.py::test_guessing_is_slow
   the page warns of the employer's mail, devices and network
    tests/safety/test_said.py::test_the_form_warns_of_the_employer
    tests/work_addresses/test_signing_at_work.py::test_warned_before_anything_is_typed
   a code to a work address: off by default, with a warning to who allows it, and after the code on paper
    tests/work_addresses/test_signing_at_work.py::test_off_unless_allowed
    tests/work_addresses/test_signing_at_work.py::test_the_lead_is_warned_and_allows_it
    tests/work_addresses/test_signing_at_work.py::test_from_the_address_to_the_count
   single-use, short, one signature an address, slow to guess, in a mail that says nothing of the letter
    tests/work_addresses/test_signing_at_work.py::test_a_code_works_once_and_not_for_long
    tests/work_addresses/test_signing_at_work.py::test_one_address_signs_once
    tests/work_addresses/test_signing_at_work.py::test_guessing_is_slow
    tests/work_addresses/test_signing_at_work.py::test_the_mail_says_nothing_of_the_letter
   what is kept is the domain, the day and a campaign-keyed hash that nothing joins to the signature; never the address
    tests/work_addresses/test_no_trace.py::test_no_trace_of_the_address_after_settling
    tests/work_addresses/test_no_trace.py::test_a_code_that_nobody_used_is_forgotten
    tests/work_addresses/test_no_trace.py::test_nothing_joins_the_hash_to_the_signature
    tests/work_addresses/test_no_trace.py::test_a_restored_backup_knows_who_signed
    tests/work_addresses/test_no_trace.py::test_rotating_keys_changes_nothing
   at the campaign's end the hash key is destroyed
    tests/retention/test_forgetting.py::test_the_hash_key_goes_first
    tests/work_addresses/test_no_trace.py::test_at_the_campaigns_end
4. No trace that is not needed: no network address or browser, no personal data in addresses, logs and errors
    tests/signatures/test_planted.py::test_nowhere_but_where_it_belongs
    tests/signatures/test_pages.py::test_a_search_leaves_no_address
    tests/signatures/test_sealing.py::test_an_error_in_the_log_names_nobody
    tests/operations/test_logs.py::test_addresses_and_tokens_stay_out
    tests/accounts/test_signing_in.py::test_cookie_knows_nothing_of_the_network_or_browser
    tests/accounts/test_limits.py::test_counters_are_in_redis_under_keys_that_tell_nothing
   no third-party request, no referrer
    tests/browser/test_every_page.py::test_page
    tests/web/test_headers.py::test_a_secret_address_is_not_passed_on
    tests/signatures/test_codes.py::test_the_code_is_in_no_referrer_and_no_cache
   none in the arguments of tasks, nor in metrics
    tests/safety/test_keys.py::test_no_task_takes_a_word
    tests/operations/test_metrics.py::test_what_is_counted
5. The same answer for everyone, in the same time
    tests/signatures/test_answering.py::test_the_same_answer_for_everybody
    tests/signatures/test_answering.py::test_after_five_mails_the_same_work
    tests/sweeps/test_abuse.py::test_who_is_kept_out_learns_nothing
    tests/work_addresses/test_nothing_told.py::test_the_same_answer_and_the_same_work
    tests/accounts/test_same_answer.py::test_page_is_the_same_for_known_and_unknown
    tests/accounts/test_same_answer.py::test_the_same_work_is_done
    tests/digests/test_joining.py::test_the_same_answer_for_every_address
   the mailbox owner learns the difference, at most five mails a day
    tests/accounts/test_same_answer.py::test_only_the_mailbox_learns_the_difference
    tests/accounts/test_same_answer.py::test_five_mails_a_day_and_no_more
    tests/signatures/test_answering.py::test_five_mails_a_day
    tests/work_addresses/test_nothing_told.py::test_five_mails_a_day_however_it_is_written
6. Small numbers hide, and nothing can be subtracted
    tests/signatures/test_growth.py::test_outsiders_never_see_fewer_than_ten
    tests/signatures/test_subtracting.py::test_no_two_readings_tell_of_fewer_than_ten
    tests/work_addresses/test_signing_at_work.py::test_only_counts_by_domain
    tests/breakdowns/test_domains.py::test_read_day_by_day_nobody_is_found
   public numbers by team, city and role: nothing below ten, and no hidden group by subtraction
    tests/breakdowns/test_suppressing.py::test_one_reading_tells_of_no_small_group
    tests/breakdowns/test_suppressing.py::test_what_is_hidden_beside_a_small_group
   nor by the difference of two days; who goes is counted no more
    tests/breakdowns/test_suppressing.py::test_no_two_days_tell_of_a_small_group
    tests/breakdowns/test_counting.py::test_who_goes_is_counted_no_more
    tests/breakdowns/test_counting.py::test_off_and_on_again_is_no_sooner_replaced
   what is kept of them betrays nobody, and outsiders read only what was chosen
    tests/breakdowns/test_counting.py::test_what_is_stored_betrays_nobody
    tests/breakdowns/test_pages.py::test_chosen_and_read
7. Reading is recorded, for administrators and for oneself, and edited by nobody
    tests/signatures/test_pages.py::test_contact_data_takes_a_reason_and_leaves_a_record
    tests/signatures/test_export.py::test_whole_list_with_contacts_is_recorded
    tests/deliveries/test_delivering.py::test_delivered_frozen_and_printed
    tests/mail/test_folder.py::test_a_signers_mail_takes_a_reason_and_leaves_a_record
    tests/accounts/test_access_record.py::test_database_refuses_to_change_or_lose_an_entry
    tests/accounts/test_access_record.py::test_everyone_reads_their_own_and_nobody_elses
   exporting and seeing contact data are permissions of their own
    tests/signatures/test_export.py::test_exporting_and_contact_data_are_permissions_of_their_own
    tests/mail/test_folder.py::test_not_without_the_permission
    tests/accounts/test_setting_up_a_factor.py::test_contact_data_asks_for_it
8. It ends: a day, a dry run, and only counts remain
    tests/retention/test_forgetting.py::test_killed_half_way_it_goes_on
    tests/retention/test_forgetting.py::test_who_is_shown_in_public_stays
    tests/retention/test_forgetting.py::test_the_page_says_what_will_happen
   a signatory withdraws, sees and erases by a signed link and a button, without an account
    tests/signatures/test_receipt.py::test_withdrawn_and_signed_again
    tests/signatures/test_receipt.py::test_opening_a_receipt_changes_nothing
    tests/signatures/test_receipt.py::test_erased
    tests/retention/test_traces.py::test_nothing_is_left_in_any_file
    tests/retention/test_traces.py::test_exports_and_packets_lie_in_no_file
    tests/retention/test_traces.py::test_what_is_true_on_postgresql
9. Confidence has two levels; neither text enters a mail
    tests/digests/test_rights.py::test_only_restricted_entries
    tests/digests/test_rights.py::test_off_the_record_is_for_named_readers
   to anybody else neither existence nor number is anywhere
    tests/pages/test_history.py::test_what_is_hidden_leaves_no_trace
    tests/pages/test_search.py::test_nothing_leaks
    tests/pages/test_briefing.py::test_nothing_in_confidence_is_printed
    tests/pages/test_confidence.py::test_what_follows_a_secret_is_as_secret
    tests/engagements/test_engagements.py::test_who_took_part_is_for_the_author_and_named_readers
10. Exports open safely and come back unchanged
    tests/signatures/test_cells.py::test_no_cell_begins_like_a_formula
    tests/signatures/test_cells.py::test_every_word_comes_back_unchanged
    tests/signatures/test_export.py::test_hostile_cells_are_safe_and_come_back
    tests/importing/test_hostile.py::test_formulas_are_words_here_and_come_back_from_our_own_files
11. Organisers are guarded too
    tests/pages/test_confidence.py::test_outside_the_team_nobody_is_named
    tests/pages/test_history.py::test_outsiders_read_the_organisers
    tests/signatures/test_planted.py::test_the_json_tells_history_and_growth_as_the_page_does
    tests/deliveries/test_delivering.py::test_delivered_frozen_and_printed
    tests/accounts/test_people.py::test_handle_stands_for_a_name_everywhere_in_the_team
12. A mistake can be undone: redaction, also in stored mails, search and what is restored
    tests/pages/test_redaction.py::test_a_name_goes_within_a_minute
    tests/pages/test_redaction.py::test_stored_mails_go_too
    tests/pages/test_redaction.py::test_a_real_backup_comes_back_without_the_words
    tests/deliveries/test_heard_once.py::test_a_redaction_reaches_the_receiver_and_the_news
13. Said plainly where signers and organisers read it
    tests/safety/test_said.py::test_who_can_read_sealed_names_is_said_on_every_page
    tests/signatures/test_signing.py::test_the_letter_comes_first
    tests/signatures/test_planted.py::test_the_team_page_has_what_is_passed_on
"""
