"""
France, since the electronic payslip became the rule (1 January 2017).

| what | how long | article |
|---|---|---|
| notice before the first electronic payslip, unless at hiring | 1 month | Labour Code D3243-7 |
| objection takes effect | as soon as possible, 3 months at most | Labour Code D3243-7 |
| payslips stay available | 50 years, or until the age of art. L1237-5 plus 6 years: 69 + 6 in practice | Labour Code D3243-8 |
| notice of the service's closure | 3 months | Labour Code D3243-8, CPCE D541 |
| retrieval after access was lost | 12 months | CPCE D541 |
"""

import datetime as dt

from mycvault.legal.profile import LegalProfile

FR = LegalProfile(
    country="FR",
    zone="Europe/Paris",
    valid_from=dt.date(2017, 1, 1),
    notice_months=1,
    objection_months=3,
    availability_years=50,
    availability_age=69 + 6,
    closure_months=3,
    retrieval_months=12,
)
