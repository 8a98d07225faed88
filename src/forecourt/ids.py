"""Ids of different things, which no type checker lets be mixed up."""

from typing import NewType

DealershipId = NewType("DealershipId", int)
LeadId = NewType("LeadId", int)
LeadClusterId = NewType("LeadClusterId", int)
ApiKeyId = NewType("ApiKeyId", int)
