"""The simulated company's world: what it sells, to whom, who works there, and how the year goes.

All of it is data or drawn from a seeded generator; the same seed gives the same company.
"""

from dataclasses import dataclass
from decimal import Decimal
from random import Random

# Number, name, group, list price (without tax), unit cost. A maker of office furniture and lamps.
ITEMS = [
    ("CH-100", "Task chair Lin", "Chairs", "680", "372"),
    ("CH-110", "Task chair Lin, armrests", "Chairs", "790", "431"),
    ("CH-200", "Conference chair Mu", "Chairs", "540", "301"),
    ("CH-300", "Executive chair Song", "Chairs", "1980", "1012"),
    ("CH-400", "Stool Bai", "Chairs", "260", "139"),
    ("CH-410", "Lab stool Bai", "Chairs", "420", "233"),
    ("DK-100", "Desk Ping 120", "Desks", "920", "517"),
    ("DK-110", "Desk Ping 140", "Desks", "1040", "580"),
    ("DK-120", "Desk Ping 160", "Desks", "1180", "661"),
    ("DK-200", "Height-adjustable desk Gao 140", "Desks", "2680", "1495"),
    ("DK-210", "Height-adjustable desk Gao 160", "Desks", "2890", "1602"),
    ("DK-300", "Meeting table He 240", "Tables", "3650", "2034"),
    ("DK-310", "Meeting table He 320", "Tables", "4480", "2496"),
    ("DK-400", "Bistro table Xiao", "Tables", "760", "421"),
    ("CB-100", "Cabinet Gui, two doors", "Storage", "1120", "624"),
    ("CB-110", "Cabinet Gui, sliding doors", "Storage", "1350", "751"),
    ("CB-200", "Pedestal San", "Storage", "640", "349"),
    ("CB-300", "Bookshelf Shu 5", "Storage", "880", "488"),
    ("CB-310", "Bookshelf Shu 7", "Storage", "1090", "603"),
    ("CB-400", "Locker Suo, 6 boxes", "Storage", "1560", "871"),
    ("LM-100", "Desk lamp Guang", "Lamps", "320", "151"),
    ("LM-110", "Desk lamp Guang, wireless charging", "Lamps", "460", "224"),
    ("LM-200", "Floor lamp Ming", "Lamps", "890", "417"),
    ("LM-300", "Pendant lamp Yun", "Lamps", "740", "352"),
    ("AC-100", "Screen Jing 140", "Accessories", "380", "193"),
    ("AC-110", "Screen Jing 160", "Accessories", "430", "217"),
    ("AC-200", "Cable tray Xian", "Accessories", "95", "41"),
    ("AC-300", "Monitor arm Bi", "Accessories", "410", "196"),
    ("AC-310", "Monitor arm Bi, double", "Accessories", "620", "301"),
    ("AC-400", "Footrest Zu", "Accessories", "180", "83"),
]
SERVICES = [
    ("SV-100", "Assembly on site, per hour", "Services", "160"),
    ("SV-200", "Planning, per hour", "Services", "320"),
]

# What the workshop makes, out of what, and how long it takes: number of the item → components for one, and hours for one
# at each work centre.
COMPONENTS = [
    ("CP-100", "Seat shell, moulded", "118"),
    ("CP-110", "Base with castors", "96"),
    ("CP-120", "Gas spring", "44"),
    ("CP-200", "Desk top 120 x 80", "205"),
    ("CP-210", "Steel frame, two legs", "168"),
]
RECIPES = {
    "CH-100": ({"CP-100": "1", "CP-110": "1", "CP-120": "1"}, {"ASSEMBLY": "0.4", "FINISH": "0.2"}),
    "DK-100": ({"CP-200": "1", "CP-210": "2"}, {"ASSEMBLY": "0.6", "FINISH": "0.3"}),
}
# Code, name, hours a day, cost of an hour.
WORK_CENTRES = [("ASSEMBLY", "Assembly benches", "64", "62"), ("FINISH", "Finish and packing", "32", "55")]

# Name, cost, months of use; there from the first day.
FIXED_ASSETS = [
    ("Delivery van", "186000", 60),
    ("Assembly benches", "96000", 120),
    ("Forklift", "142000", 84),
    ("Servers and network", "68000", 36),
]

# Supplier, city, group of items that it delivers, payment days, usual days from order to delivery.
SUPPLIERS = [
    ("Jiangnan Seating Works", "Suzhou", "Chairs", 30, 9),
    ("Pearl Delta Seating", "Foshan", "Chairs", 45, 14),
    ("Northern Panel", "Tianjin", "Desks", 30, 8),
    ("Lift Systems Ningbo", "Ningbo", "Desks", 60, 16),
    ("Oak and Steel", "Hangzhou", "Tables", 30, 12),
    ("Hefei Sheet Metal", "Hefei", "Storage", 45, 10),
    ("Cabinet Union", "Nanjing", "Storage", 30, 7),
    ("Zhongshan Lighting", "Zhongshan", "Lamps", 30, 11),
    ("Bright Bulb", "Shenzhen", "Lamps", 14, 6),
    ("Wire and Tray", "Wuhan", "Accessories", 30, 5),
]

# Running costs of a normal month: code of the account, amount, what it is.
RUNNING_COSTS = [
    ("6601", "182000", "Salaries: sales and marketing"),
    ("6602", "236000", "Salaries: administration"),
    ("6601", "38000", "Warehouse rent"),
    ("6602", "64000", "Office rent"),
    ("6601", "21500", "Freight out"),
    ("6602", "12800", "Electricity and water"),
]
OPENING_CAPITAL = "6000000"

DEPARTMENTS = [
    ("SALES", "Sales"),
    ("MKT", "Marketing"),
    ("OPS", "Operations"),
    ("WH", "Warehouse"),
    ("PROD", "Production"),
    ("FIN", "Finance"),
    ("HR", "Human resources"),
    ("IT", "Information technology"),
]
# Department → positions and how many people hold them when the story begins.
STAFF = {
    "SALES": [("Head of sales", 1), ("Account manager", 5), ("Inside sales clerk", 4)],
    "MKT": [("Marketing manager", 1), ("Designer", 2)],
    "OPS": [("Head of operations", 1), ("Planner", 2), ("Buyer", 2)],
    "WH": [("Warehouse lead", 1), ("Warehouse clerk", 6)],
    "PROD": [("Production lead", 2), ("Operator", 14)],
    "FIN": [("Finance manager", 1), ("Accountant", 3)],
    "HR": [("HR manager", 1), ("HR clerk", 1)],
    "IT": [("Data engineer", 1), ("Administrator", 1)],
}

FAMILY = "Wang Li Zhang Liu Chen Yang Zhao Huang Zhou Wu Xu Sun Hu Zhu Gao Lin He Guo Ma Luo".split()
GIVEN = "Wei Fang Na Min Jing Lei Qiang Yan Jun Ping Hui Tao Xin Mei Hao Yu Ting Bo Lan Rui Kai Dan Peng Xia".split()
CITIES = ["Shanghai", "Hangzhou", "Suzhou", "Nanjing", "Ningbo", "Hefei", "Wuhan", "Shenzhen", "Chengdu", "Beijing"]
TRADES = ["Supplies", "Architects", "Software", "Logistics", "Clinics", "Hotels", "Design", "Schools", "Foods", "Bank"]
WORDS = [
    "Blue River",
    "Golden Field",
    "East Lake",
    "Morning Star",
    "Bright Harbour",
    "Green Hill",
    "Red Maple",
    "Silver Crane",
    "New Bridge",
    "Jade Gate",
]

# Share of a normal month that orders reach, January to December: quiet at the spring festival, strong in autumn.
SEASON = ("0.85", "0.55", "1.05", "1.00", "0.95", "1.05", "0.90", "0.95", "1.15", "1.05", "1.20", "1.30")


@dataclass(frozen=True)
class Customer:
    """A customer to be: name, city, terms and how it pays.

    Attributes:
        weight: how often it orders, relative to the others.
        lateness: mean days between due date and payment.
        joins: share of the story's length after which it becomes a customer.
    """

    name: str
    city: str
    payment_days: int
    credit_limit: Decimal | None
    weight: int
    lateness: int
    joins: float
    tax_number: str


def customers(random: Random, count: int) -> list[Customer]:
    names = [f"{word} {trade}" for word in WORDS for trade in TRADES]
    random.shuffle(names)
    return [
        Customer(
            name=name,
            city=random.choice(CITIES),
            payment_days=random.choice([14, 30, 30, 30, 45, 60]),
            credit_limit=random.choice([None, Decimal(150000), Decimal(300000), Decimal(600000)]),
            weight=random.choice([1, 1, 2, 2, 3, 5, 8]),
            lateness=random.choice([-3, 0, 0, 2, 5, 10, 25]),
            # Most are there from the beginning; the others come one by one.
            joins=max(0.0, random.random() * 1.6 - 0.7),
            tax_number=f"9131{random.randrange(10**14):014d}",
        )
        for name in names[:count]
    ]


def person(random: Random) -> str:
    return f"{random.choice(GIVEN)} {random.choice(FAMILY)}"
