"""The words for numbers, currencies, units and bounds, in the languages that such news is written in.

Each table gives what a word stands for, by the word in lower case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pipeline.domain import Bound

Value = TypeVar("Value")


def _by_word(table: Mapping[Value, str]) -> dict[str, Value]:
    return {word.strip(): value for value, words in table.items() for word in words.split(" | ")}


NUMBERS = _by_word(
    {
        0.5: "half a | half-a | a half | medio | eine halbe",
        0.25: "a quarter of a | quarter of a | a quarter",
        1.5: "one and a half",
        2: "a couple of | two | dos | zwei | deux | dois",
        12: "a dozen | twelve",
        1: "a | an | one | el | un | una | ein | eine | einer | einem | une | um | uma",
        3: "three | tres | drei | trois | três",
        4: "four | cuatro | vier | quatre",
        5: "five | cinco | fünf | cinq",
        6: "six",
        7: "seven",
        8: "eight",
        9: "nine",
        10: "ten | diez | zehn | dix",
        11: "eleven",
        15: "fifteen",
        20: "twenty",
        30: "thirty",
        40: "forty",
        50: "fifty",
        100: "a hundred | one hundred | hundred | cien | hundert | cent",
    }
)
SCALES = _by_word(
    {
        1e3: "thousand | k | mil | tausend | mille | тысяч | тыс.",
        1e5: "hundred thousand | lakh",
        1e7: "crore",
        1e12: (
            "lakh crore | trillion | trillions | tn | t | trn | billones | billón | billionen | trilhões | "
            "trilhão | трлн | триллион | триллиона | триллионов"
        ),
        1e6: (
            "million | millions | m | mn | mln | mio. | mio | millones | millón | millionen | milhões | "
            "milhão | milioni | miljoen | млн | миллион | миллиона | миллионов"
        ),
        1e8: "hundred million",
        1e9: (
            "billion | billions | b | bn | bln | mil millones | mil m | mil milhões | mrd | mrd. | mrds | md "
            "| mds | milliarde | milliarden | milliard | milliards | bilhões | bilhão | bi | miliardi | "
            "miliardo | miljard | млрд | миллиард | миллиарда | миллиардов"
        ),
        1e11: "hundred billion",
    }
)
LONG_SCALE = frozenset(["da", "de", "es", "fi", "fr", "it", "nl", "no", "sv"])
"""Languages (ISO 639-1) in which `billion` means 10^12."""
MYRIADS = _by_word(
    {
        1e12: "万亿 | 萬億 | 兆",
        1e11: "千亿 | 千億",
        1e10: "百亿 | 百億",
        1e8: "亿 | 億",
        1e7: "千万 | 千萬",
        1e6: "百万 | 百萬",
        1e4: "万 | 萬",
    }
)
"""Scales of languages that write no spaces."""
SIGNS = _by_word(
    {
        "USD": "us$ | u.s.$ | usd | $",
        "AUD": "a$ | au$ | aud",
        "CAD": "c$ | ca$ | cad",
        "HKD": "hk$",
        "SGD": "s$ | sgd",
        "TWD": "nt$",
        "BRL": "r$",
        "EUR": "€ | eur",
        "GBP": "£ | gbp",
        "JPY": "¥ | jpy",
        "CNY": "cn¥ | rmb | cny",
        "KRW": "₩ | krw",
        "INR": "₹ | inr | rs | rs.",
        "CHF": "chf",
        "NOK": "nok",
        "SEK": "sek",
        "AED": "aed | dh",
        "SAR": "sar",
    }
)
"""Currencies (ISO 4217) by what stands before a sum."""
NAMES = _by_word(
    {
        "USD": (
            "dollars | dollar | us dollars | u.s. dollars | american dollars | us-dollar | dólares | dólar | "
            "dollari | долларов | доллара | доллар | usd | us$ | $ | 美元 | 美金 | 米ドル | ドル | 달러"
        ),
        "EUR": "euros | euro | eur | € | евро | 歐元 | 欧元 | ユーロ",
        "GBP": "pounds | pound | pounds sterling | sterling | libras | pfund | gbp | £ | 英鎊 | 英镑",
        "JPY": "yen | jpy | yenes | 日圓 | 日元 | 円",
        "CNY": "yuan | renminbi | rmb | 人民幣 | 人民币 | 元",
        "KRW": "won",
        "INR": "rupees",
        "BRL": "reais",
        "NOK": "kroner",
        "SEK": "kronor",
        "AED": "dirhams",
        "SAR": "riyals",
        "CHF": "francs | franken",
        "RUB": "рублей",
        "HKD": "港元",
        "TWD": "新台幣",
    }
)
"""Currencies by what stands behind it."""
WATTS = _by_word(
    {
        1.0: "gw | gigawatt | gigawatts | gigavatio | gigavatios | gigawatios | гвт | гигаватт | гигаватта",
        0.001: "mw | megawatt | megawatts | megavatio | megavatios | мвт | мегаватт",
        1000.0: "tw | terawatt | terawatts",
    }
)
"""Gigawatts."""
MYRIAD_WATTS = _by_word(
    {
        1.0: "吉瓦 | 百萬瓩 | ギガワット | 기가와트",
        0.001: "兆瓦 | メガワット | 메가와트",
    }
)
BOUNDS = _by_word(
    {
        Bound.UP_TO: (
            "up to | as much as | as many as | at most | no more than | a maximum of | less than | under | "
            "below | capped at | hasta | como máximo | menos de | bis zu | höchstens | weniger als | jusqu'à "
            "| moins de | até | fino a | до | 最多 | 最大 | 高達 | 高达"
        ),
        Bound.MORE_THAN: (
            "at least | more than | over | above | exceeding | in excess of | north of | upward of | upwards "
            "of | no less than | not less than | a minimum of | greater than | más de | al menos | mehr als | "
            "über | mindestens | plus de | au moins | mais de | pelo menos | oltre | более | свыше | 超过 | 超過 "
            "| 逾 | 至少"
        ),
        Bound.ABOUT: (
            "about | around | roughly | approximately | approx. | some | nearly | almost | close to | an "
            "estimated | estimated | circa | ~ | ≈ | as of now | unos | unas | alrededor de | cerca de | casi "
            "| aproximadamente | rund | etwa | ungefähr | knapp | fast | environ | près de | quase | около | "
            "почти | примерно | 约 | 約 | 将近 | 近"
        ),
    }
)
YEARLY = (
    r"(?:a|per|each|every)[ -](?:year|annum)|annually|annual|yearly|an? year|/ ?y(?:ea)?r|anuales|anual|al año|por año"
    r"|cada año|pro jahr|jährlich|im jahr|par an|annuels|ao ano|por ano|в год|ежегодно|每年|年間"
)
"""A regular expression for what makes a sum one of every year."""
