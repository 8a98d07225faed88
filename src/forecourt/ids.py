"""Ids of different things, which no type checker lets be mixed up."""

from typing import NewType

DealershipId = NewType("DealershipId", int)
LeadId = NewType("LeadId", int)
LeadClusterId = NewType("LeadClusterId", int)
ContactId = NewType("ContactId", int)
UserId = NewType("UserId", int)
AppointmentId = NewType("AppointmentId", int)
ApiKeyId = NewType("ApiKeyId", int)
