"""How this feature's enums read to people."""

from __future__ import annotations

from tracker.engagements.models import Channel, EngagementKind
from tracker.words import _

KINDS = {
    EngagementKind.MEETING: _("Meeting"),
    EngagementKind.CALL: _("Call"),
    EngagementKind.LETTER: _("Letter"),
}

CHANNELS = {
    Channel.LETTER: _("Letter"),
    Channel.PRESS: _("To the press"),
    Channel.WEBSITE: _("On its website"),
    Channel.FILING: _("In a filing"),
    Channel.MEETING: _("In a meeting"),
    Channel.SOCIAL_MEDIA: _("Social media"),
    Channel.INTERNAL: _("To its staff"),
    Channel.OTHER: _("Another way"),
}
