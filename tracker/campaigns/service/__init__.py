"""What happens to campaigns: one file a noun, one name for all of them."""

from tracker.campaigns.service.campaigns import (
    add_subject,
    edit_campaign,
    log_campaign,
    put_back_campaign,
    remove_campaign,
    remove_subject,
    set_issues,
)
from tracker.campaigns.service.copying import start_from
from tracker.campaigns.service.deadlines import add_deadline, edit_deadline, finish_deadline, remove_deadline
from tracker.campaigns.service.demands import add_demand, edit_demand, move_demand, remove_demand
from tracker.campaigns.service.errors import CampaignError
from tracker.campaigns.service.issues import (
    edit_issue,
    issue_change_may_be_restored,
    merge_issues,
    open_issue,
    put_back_issue,
    remove_issue,
    restore_issue,
    undo_issue_merge,
)
from tracker.campaigns.service.links import link_campaigns, unlink_campaigns
from tracker.campaigns.service.merging import merge_campaigns, undo_merge
from tracker.campaigns.service.stages import change_stage, conclude
from tracker.campaigns.service.targets import add_target, edit_target, remove_target
from tracker.campaigns.service.texts import add_text, restore_text
from tracker.campaigns.service.visibility import change_visibility, renew_link

__all__ = [
    "CampaignError",
    "add_deadline",
    "add_demand",
    "add_subject",
    "add_target",
    "add_text",
    "change_stage",
    "change_visibility",
    "conclude",
    "edit_campaign",
    "edit_deadline",
    "edit_demand",
    "edit_issue",
    "edit_target",
    "finish_deadline",
    "issue_change_may_be_restored",
    "link_campaigns",
    "log_campaign",
    "merge_campaigns",
    "merge_issues",
    "move_demand",
    "open_issue",
    "put_back_campaign",
    "put_back_issue",
    "remove_campaign",
    "remove_deadline",
    "remove_demand",
    "remove_issue",
    "remove_subject",
    "remove_target",
    "renew_link",
    "restore_issue",
    "restore_text",
    "set_issues",
    "start_from",
    "undo_issue_merge",
    "undo_merge",
    "unlink_campaigns",
]
