"""Documents of the core: companies, periods, users, units."""

from operational_app.core.document import Document
from operational_app.core.i18n import _
from operational_app.core.models import AppUser, Company, ExchangeRate, Period, VatRate

company = Document(
    name="company",
    module="core",
    model=Company,
    title=_("Company"),
    plural=_("Companies"),
    label="name",
    columns=("code", "name", "currency", "chart"),
    search=("code", "name"),
)

period = Document(
    name="period",
    module="core",
    model=Period,
    title=_("Period"),
    plural=_("Periods"),
    label="code",
    columns=("code", "start_date", "end_date", "state"),
    search=("code",),
    states={"open": _("open"), "closed": _("closed")},
)

vat_rate = Document(
    name="vat_rate",
    module="core",
    model=VatRate,
    title=_("VAT rate"),
    plural=_("VAT rates"),
    label="code",
    columns=("code", "rate", "kind", "valid_from", "valid_to"),
    search=("code", "kind"),
)

exchange_rate = Document(
    name="exchange_rate",
    module="core",
    model=ExchangeRate,
    title=_("Exchange rate"),
    plural=_("Exchange rates"),
    label="currency",
    columns=("currency", "rate_date", "exchange_rate"),
    search=("currency",),
)

app_user = Document(
    name="app_user",
    module="core",
    model=AppUser,
    title=_("User"),
    plural=_("Users"),
    label="username",
    columns=("username", "name", "language", "disabled_at"),
    search=("username", "name"),
)
