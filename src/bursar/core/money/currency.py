"""Currencies by their ISO 4217 codes and the digits of their minor units (rules M5 and M6)."""

from __future__ import annotations

from bursar.core.refusal import Refused

_BY_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD "
        "CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
        "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK "
        "LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO "
        "NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS "
        "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST "
        "XAD XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

WITHDRAWN = frozenset({"ANG", "BGN", "CUC", "HRK", "SLL", "ZWL"})
"""Out of use since 2020 or later, each with two digits, and still found on bills of that time."""

_MINOR_DIGITS = {code: digits for digits, codes in _BY_DIGITS.items() for code in codes.split()}
_MINOR_DIGITS |= dict.fromkeys(WITHDRAWN, 2)

RATE_ONLY = frozenset({"CYP", "EEK", "LTL", "LVL", "MTL", "ROL", "SIT", "SKK", "TRL"})
"""Gone before 2020: old tables of rates still carry them, a bill cannot."""

CURRENCIES = frozenset(_MINOR_DIGITS)
"""Every code that an amount may carry."""


class UnknownCurrency(Refused):
    """A code that no bill can carry."""

    code = "currency.unknown"


def is_currency(code: str) -> bool:
    """Whether an amount may carry this code; capital letters only, as the standard writes it."""
    return code in _MINOR_DIGITS


def has_rates(code: str) -> bool:
    """Whether a table of exchange rates may carry this code."""
    return code in _MINOR_DIGITS or code in RATE_ONLY


def minor_digits(code: str) -> int:
    """Digits after the point of the currency's minor unit: 2 for EUR, 0 for JPY, 3 for KWD."""
    try:
        return _MINOR_DIGITS[code]
    except KeyError:
        raise UnknownCurrency(
            f"'{code}' is no currency code of ISO 4217; write three capital letters such as EUR"
        ) from None
