"""The contract's own example, as its page *Update Lead* shows it."""

from __future__ import annotations

from typing import Any

EXAMPLE_BODY: dict[str, Any] = {
    "lead": {
        "name": "Test Lead",
        "last_name": "Test",
        "email": "test@test.com",
        "phone": "041000000",
        "message": "some notes",
        "dealership_slug": "test-dealer",
        "category": "New Vehicle Enquiry",
        "source": "Website",
        "website_slug": "example-website",
        "page_id": 123,
        "location_id": 12345,
        "user_email": "test@example.com",
        "lead_state": "new",
        "send_customer_email": False,
        "customer_address": "123 Fake Street",
        "stocknum": "3210",
        "provider": "Provider A",
        "provider_id": "1234",
        "dob": "01/01/1980",
        "tags": ["tag1"],
        "address_attributes": {
            "street": "123 Fake Street",
            "city": "Melbourne",
            "state": "VIC",
            "state_long": "Victoria",
            "postcode": 3000,
            "country": "Australia",
        },
    }
}
