"""What the demo's customers want: how an acquaintance goes on, and what they write at each step."""

from __future__ import annotations

# The steps of one customer, from the first enquiry to the last, and how often such a customer comes by.
JOURNEYS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (30, ("Used Vehicle Enquiry",)),
    (20, ("New Vehicle Enquiry",)),
    (8, ("Test Drive Booking",)),
    (7, ("Used Vehicle Enquiry", "Test Drive Booking")),
    (5, ("New Vehicle Enquiry", "Test Drive Booking", "Finance Enquiry")),
    (4, ("Used Vehicle Enquiry", "Trade-in Enquiry")),
    (3, ("Used Vehicle Enquiry", "Document Request", "Vehicle Reservation")),
    (2, ("Brochure Download", "New Vehicle Enquiry")),
    (2, ("Used Vehicle Enquiry", "Used Vehicle Enquiry")),
    (2, ("Service Booking", "Parts Enquiry")),
    (7, ("Service Booking",)),
    (5, ("Sell My Car Enquiry",)),
    (4, ("Finance Enquiry",)),
    (4, ("Trade-in Enquiry",)),
    (5, ("General Enquiry",)),
    (3, ("Phone Call",)),
    (3, ("Parts Enquiry",)),
    (3, ("Service Enquiry",)),
    (2, ("Special Offer Enquiry",)),
    (2, ("Fleet Enquiry",)),
    (2, ("Brochure Download",)),
    (2, ("Team Member Enquiry",)),
    (1, ("Insurance Enquiry",)),
    (1, ("Subscription Enquiry",)),
    (1, ("Online Purchase",)),
    (1, ("Loan Car Booking",)),
    (1, ("Service Retention",)),
    (1, ("Survey",)),
    (1, ("Competition Enquiry",)),
    (1, ("Event Enquiry",)),
)

# Where the question is about one car in the yard.
ABOUT_A_CAR = frozenset(
    {
        "Used Vehicle Enquiry",
        "Test Drive Booking",
        "Finance Enquiry",
        "Trade-in Enquiry",
        "Document Request",
        "Vehicle Reservation",
        "Online Purchase",
        "Special Offer Enquiry",
        "Phone Call",
    }
)

# {car} is the car in the yard or the model that is asked for, {old} the customer's own car, {person} somebody of the
# team, {dealership} and {suburb} what they say.
MESSAGES: dict[str, tuple[str, ...]] = {
    "Used Vehicle Enquiry": (
        "Hi, is the {car} still available? I could come by on Saturday morning.",
        "Could you send me more photos of the {car}, especially the boot and the tyres?",
        "What is the best drive-away price on the {car}? I am ready to buy this week.",
        "Does the {car} come with the full service history and two keys?",
        "I live in {suburb}. Would you deliver the {car} if we agree on a price?",
        "Has the {car} ever been in an accident? Happy to pay for an inspection first.",
        "Is there any room to move on the {car}? I have cash and no trade-in.",
        "My partner and I share one car and the {car} looks just right. How many owners has it had?",
        "Is there a towbar on the {car}, or could one be fitted before pick-up?",
        "How long is the rego on the {car}, and is there any factory warranty left?",
    ),
    "New Vehicle Enquiry": (
        "What is the current waiting time on a {car}? We would need it before the school holidays.",
        "Please send a drive-away quote for the {car} with floor mats and a towbar.",
        "Do you have a {car} in the yard to look at, or only on order?",
        "Looking at the {car} against two others. What sets yours apart on servicing costs?",
        "Is the {car} eligible for a novated lease? My employer uses one of the large providers.",
        "Do two child seats and a pram fit into the {car} at the same time?",
        "Which colours of the {car} can you get by next month?",
    ),
    "Test Drive Booking": (
        "I would like to drive the {car} on Thursday after 4 pm if that suits.",
        "Could I take the {car} for a drive on Saturday? I will bring my partner along.",
        "Is it possible to have the {car} for an hour so I can try it on the freeway?",
        "Tomorrow at 10 am would be great for a drive in the {car}.",
        "Can you bring the {car} to {suburb}? I cannot get away from work before six.",
    ),
    "Finance Enquiry": (
        "What would the weekly repayments on the {car} be over five years with a $5,000 deposit?",
        "I am self-employed. Which papers do you need to finance the {car}?",
        "My bank has offered 7.9 per cent. Can you beat that on the {car}?",
        "Could I get pre-approval before I come to see the {car}?",
    ),
    "Trade-in Enquiry": (
        "What would you give me for my {old} against the {car}?",
        "I would like to trade my {old} for the {car}. It has new tyres and one small dent on the left rear door.",
        "Is my {old} worth more as a trade-in or should I sell it myself? I am after the {car}.",
    ),
    "Sell My Car Enquiry": (
        "I want to sell my {old}. About 96,000 km, serviced on time, rego until March.",
        "Do you buy cars without selling one? I have a {old} I no longer need.",
        "Moving overseas at the end of the month and need to sell my {old}. How quickly can you pay?",
        "My late father's {old} has been in the garage in {suburb} for two years. Would you come and look at it?",
    ),
    "Document Request": (
        "Please send me the history report on the {car}.",
        "Before I put down a deposit I would like to see the report on the {car}.",
    ),
    "Vehicle Reservation": (
        "I would like to hold the {car} until I can come in on the weekend.",
        "Please take the {car} off the market for me. Deposit paid online.",
    ),
    "Online Purchase": ("Happy to go ahead with the {car}. Please call me about delivery to {suburb}.",),
    "Special Offer Enquiry": (
        "Saw the end-of-month offer. Does it apply to the {car} as well?",
        "Is the free servicing offer still on for the {car}?",
    ),
    "Service Booking": (
        "My {old} is due for its 60,000 km service. Any day next week but Tuesday.",
        "Please book my {old} in for a logbook service. I would wait at the dealership.",
        "There is a squeal from the front brakes of my {old}. Can you look at it this week?",
        "Air conditioning in my {old} has stopped cooling, just in time for the heat.",
    ),
    "Service Enquiry": (
        "How much is a major service for a {old}?",
        "Is my {old} part of the airbag recall? I can send the VIN.",
        "Your workshop kept my {old} overnight and I have not heard back. Could someone ring me?",
    ),
    "Service Retention": ("I had a reminder about my {old}, but it was serviced elsewhere in June.",),
    "Parts Enquiry": (
        "Do you have a left headlight for a {old} in stock, and what does it cost?",
        "After roof racks for my {old}. Genuine ones, please.",
        "Need a replacement key for my {old}. What do you need from me?",
    ),
    "General Enquiry": (
        "What are your opening hours over the long weekend?",
        "I left my sunglasses in the car I drove yesterday. Have you found them?",
        "Thanks to {person} at {dealership} for looking after my mother so kindly last week.",
        "Is there parking for a caravan while I visit the showroom?",
    ),
    "Team Member Enquiry": (
        "Could {person} give me a call? We spoke at the showroom on Sunday.",
        "I have a question for {person} about the quote I was sent.",
    ),
    "Fleet Enquiry": (
        "We run a plumbing business with eight vehicles and want to replace four of them before June.",
        "Please quote five utes for our council depot, with delivery in two lots.",
    ),
    "Insurance Enquiry": (
        "Can you arrange insurance from the day I pick up the car, and what would it cost?",
    ),
    "Subscription Enquiry": ("Do you offer a car by the month? I am in {suburb} for a six-month contract.",),
    "Brochure Download": ("Requested the brochure for the {car}.",),
    "Loan Car Booking": (
        "My {old} will be with you for two days. Could I have a loan car, an automatic please?",
    ),
    "Survey": ("Easy to deal with from the first call to the handover. The coffee was good too.",),
    "Competition Enquiry": ("Entering the competition for the weekend away. Fingers crossed!",),
    "Event Enquiry": (
        "Two of us would like to come to the off-road day. Do we need to bring our own recovery gear?",
    ),
    "Phone Call": (
        "Called about the {car}. Wants a call back after 5 pm.",
        "Rang to ask whether the {car} is still here. Said they would come in on the weekend.",
    ),
}

OLD_CARS = (
    "2014 Toyota Corolla", "2012 Holden Cruze", "2016 Mazda CX-5", "2013 Ford Falcon", "2017 Hyundai i30",
    "2015 Subaru Forester", "2011 Nissan X-Trail", "2018 Kia Cerato", "2010 Toyota HiLux", "2016 Volkswagen Polo",
    "2019 Mitsubishi ASX", "2009 Honda Jazz", "2015 Mazda 2", "2014 Ford Ranger", "2018 Toyota Camry",
)  # fmt: skip

TAGS = ("finance pre-approved", "has trade-in", "interstate buyer", "call after 5 pm", "family car", "urgent")
WORKSHOP_TAGS = ("call after 5 pm", "urgent", "needs loan car")

# What only a form on a website brings.
ONLINE_ONLY = frozenset(
    {
        "Brochure Download",
        "Competition Enquiry",
        "Document Request",
        "Online Purchase",
        "Subscription Enquiry",
        "Survey",
        "Vehicle Reservation",
    }
)

# Where enquiries come from, and how often; from the marketplaces those about used cars only.
SOURCES = (
    (44, "Website"),
    (6, "Phone Call"),
    (5, "Walk In"),
    (5, "Google Ads"),
    (4, "Facebook"),
    (4, "Chatbot"),
    (3, "Manufacturer"),
    (2, "QR Code"),
    (2, "Repeat"),
    (1, "SMS"),
)
MARKETPLACES = (
    (30, "Carsales"),
    (10, "Autotrader"),
    (10, "Facebook Marketplace"),
    (3, "Car Expert"),
    (3, "Only Cars"),
)
MARKETING_SOURCES = ("Organic", "Organic", "Adwords", "GMB", "Facebook", "Instagram", "Email", "Unknown")
