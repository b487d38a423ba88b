"""All that may go wrong while digests are sent, done to the real thing: processes, databases, broker, mail server.

`zygote.py` forks children that may be killed at a step, `parts.py` real workers and beats; `sink.py` is a mail server
that fails in every way, spoken to command by command and in one piece (RFC 2920); `proxy.py` a way to the broker that
falls silent; `world.py` says what must be true at the end.
`test_machine.py` does any of it in any order under a clock that it moves, against `model.py` and `people.py`;
`forked.py` kills its runs. `make soak` runs the storm for as long as you like.

What has hurt somebody before, and the test that shows that it hurts nobody here:

    beat fires twice                            digests/test_turns: planning_twice_changes_nothing
    two beats at once, none for three days      faults/test_beats: three_beats_*; digests/test_run: the_scheduler_was_*
    a schedule file lost                        faults/test_beats: *_one_that_forgot
    killed after SMTP accepts, before commit    faults/test_every_step ("after body and dot"), faults/test_storm
    killed before DATA                          faults/test_every_step ("before DATA")
    refused at each verb                        faults/test_every_refusal: refused_at_each_verb
    stalled, cut at each step                   mail/test_sending: cut_*; mail/test_pipelining: a_server_that_*;
                                                faults/test_storm (sink.WAYS)
    broker redelivers                           worker/test_tasks: a_digest_by_tasks_alone
    broker gone, emptied, silent                faults/test_broker: the_broker_is_only_a_hint; operations/test_jobs;
      for an hour or for days                   digests/test_run: the_scheduler_was_down_*
    database restarted mid-run                  faults/test_databases: postgresql_stopped_at_once_in_a_storm
    SQLite locked by another                    faults/test_databases: sqlite_locked_for_*, a_transaction_holds_*;
                                                faults/test_one_writer: who_waits_looks_all_the_time
    a claim lost to oneself                     mail/test_lanes: a_mail_claimed_twice_by_one_sender_goes_once
    generator four minutes early                digests/test_run: an_entry_is_in_the_next_digest
    DST day in another zone, 29 February,
      ISO week 53, a zone changed on its day    digests/test_calendar, digests/test_periods
    a clock that jumps back two hours           digests/test_calendar: a_clock_that_jumps_back, a_claim_of_a_clock_*
    an entry at exactly the window's edge       digests/test_run: the_edge_of_the_period
    an entry with an old date recorded today    digests/test_run: an_old_date_recorded_today_is_news
    an entry committed late                     digests/test_run: a_late_commit_is_told_once
      by a long transaction                     digests/test_crossing: an_entry_whose_transaction_lasts
    one entry under two subscriptions           digests/test_run: one_entry_under_two_subscriptions
    frequency changed mid-run                   digests/test_turns: the_frequency_changes_while_the_digest_waits
    unsubscribed, made private or role lost
      between composing and sending             digests/test_rights: *_between_composing_and_sending;
                                                digests/test_withdrawing: what_is_quoted_is_closed_*
    nothing happened                            digests/test_run: nothing_happened
    only restricted entries happened            digests/test_rights: only_restricted_entries
    4xx then accepted, 5xx                      mail/test_sending: greylisted_then_accepted, no_such_address
    connection cut after DATA                   mail/test_sending: cut_after_the_dot; faults/test_storm ("taken")
    redacted while it is composed, or leaves    digests/test_redacted_meanwhile; digests/test_crossing: a_redaction_*
    one poison row                              digests/test_poison; mail/test_sending: a_row_that_cannot_be_opened_*
    permanent bounce                            mail/test_sending: no_such_address; mail/test_bounces
    link prefetched by a scanner                digests/test_leaving: opening_a_link_changes_nothing
    "send me a test" consumes nothing           digests/test_desk: a_test_goes_to_me_and_consumes_nothing
    a corrected entry appears as a correction   digests/test_rights: a_correction_is_marked_*; digests/test_telling

The promises 1 to 14 of reliability.md, (a), beside these lines:

     1, 3  no loss, no unexplained copy         faults/test_storm, `make soak`; in any order: faults/test_machine
     2  killed at each numbered step            faults/test_every_step (one by one, and in one piece)
        a whole worker, SIGKILL and SIGTERM     faults/test_workers
        one of its processes, or its first      faults/test_parts_of_a_worker: one_of_its_*, its_first_*
     4  the broker is only a hint               faults/test_broker; operations/test_jobs: nobody_waits_for_a_broker
     5  the web waits for neither               faults/test_black_holes
     6  the database is away, or locked         faults/test_databases
     7  beats                                   faults/test_beats; digests/test_run: the_scheduler_was_down_*
     8  clock and DST, on both databases        digests/test_calendar
     9  greylisting                             mail/test_sending; its figures: mail/test_figures: the_ladder
    10  hard bounces                            mail/test_sending; mail/test_bounces; digests/test_endings
    11  a slow peer                             mail/test_lanes: a_slow_last_word_holds_up_nobody; its figures:
                                                mail/test_figures: a_word_after_nine_minutes, no_word_ever
        a silent one, when told to stop         faults/test_parts_of_a_worker: told_to_stop_*
        Ctrl-C, SIGTERM at the command line     faults/test_command_line
    12  late commit                             digests/test_run: a_late_commit_is_told_once; faults/test_machine
    13  valid mail                              digests/test_arriving, mail/test_letter, mail/test_dkim
    14  one click                               digests/test_leaving: one_click_unsubscribing, opening_a_link_*
"""
