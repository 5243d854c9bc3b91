"""Invented people's names for the sample directory: (as written, in ASCII), by language.

They are combined at random and belong to nobody. The mixture is chosen for what breaks provisioning: other scripts,
diacritics, apostrophes, hyphens, blanks, particles, one letter, very long.
"""

from __future__ import annotations

from typing import Final, NamedTuple

Name = tuple[str, str]


class Culture(NamedTuple):
    """Names that go together, and a place where their bearers work."""

    language: str
    city: str
    country: str
    given: tuple[Name, ...]
    surnames: tuple[Name, ...]


def _ascii(*names: str) -> tuple[Name, ...]:
    return tuple((name, name) for name in names)


CULTURES: Final = (
    Culture(
        "en-GB",
        "Manchester",
        "GB",
        _ascii("Harriet", "Oliver", "Mary Ann", "J", "Imogen", "Rhys"),
        _ascii("O'Brien", "Whitcombe-Hartley", "Ng", "McAllister", "D'Arcy", "Okonkwo-Featherstonehaugh"),
    ),
    Culture(
        "de-DE",
        "Köln",
        "DE",
        (("Jürgen", "Juergen"), ("Änne", "Aenne"), ("Karl-Heinz", "Karl-Heinz"), ("Zoë", "Zoe"), ("Björn", "Bjoern")),
        (("Müßig", "Muessig"), ("von der Höhe", "von der Hoehe"), ("Groß", "Gross"), ("Schäfer", "Schaefer")),
    ),
    Culture(
        "pl-PL",
        "Łódź",
        "PL",
        (("Łucja", "Lucja"), ("Świętosław", "Swietoslaw"), ("Małgorzata", "Malgorzata"), ("Żaneta", "Zaneta")),
        (("Wójcik", "Wojcik"), ("Brzęczyszczykiewicz", "Brzeczyszczykiewicz"), ("Gżegżółka", "Gzegzolka")),
    ),
    Culture(
        "fr-FR",
        "Besançon",
        "FR",
        (("Éléonore", "Eleonore"), ("François", "Francois"), ("Maëlys", "Maelys"), ("Jean-Noël", "Jean-Noel")),
        (("L'Hôte", "L'Hote"), ("Lefèvre", "Lefevre"), ("de La Bâtie", "de La Batie"), ("Cœurdacier", "Coeurdacier")),
    ),
    Culture(
        "es-MX",
        "Mérida",
        "MX",
        (("José María", "Jose Maria"), ("Íñigo", "Inigo"), ("Begoña", "Begona"), ("Xóchitl", "Xochitl")),
        (("Núñez de la Peña", "Nunez de la Pena"), ("Ibáñez", "Ibanez"), ("Güemes", "Guemes"), ("Ordóñez", "Ordonez")),
    ),
    Culture(
        "ja-JP",
        "札幌",
        "JP",
        (("花子", "Hanako"), ("健太郎", "Kentaro"), ("さくら", "Sakura"), ("翔", "Sho")),
        (("山田", "Yamada"), ("小鳥遊", "Takanashi"), ("渡邉", "Watanabe"), ("東海林", "Shoji")),
    ),
    Culture(
        "uk-UA",
        "Львів",
        "UA",
        (("Олена", "Olena"), ("Мар'яна", "Mariana"), ("Їржи", "Yirzhy"), ("Святослав", "Sviatoslav")),
        (("Ґалаґан", "Galagan"), ("Коваленко", "Kovalenko"), ("Лук'яненко", "Lukianenko"), ("Щербина", "Shcherbyna")),
    ),
    Culture(
        "ar-EG",
        "الإسكندرية",
        "EG",
        (("ليلى", "Layla"), ("عبد الرحمن", "Abd al-Rahman"), ("نور", "Nour"), ("يوسف", "Youssef")),
        (("المصري", "El-Masry"), ("الشافعي", "El-Shafei"), ("حداد", "Haddad"), ("بن يحيى", "Ben Yahya")),
    ),
    Culture(
        "hi-IN",
        "पुणे",
        "IN",
        (("प्रिया", "Priya"), ("अर्जुन", "Arjun"), ("श्रीनिवास", "Shrinivas"), ("मीरा", "Meera")),
        (("कुलकर्णी", "Kulkarni"), ("वेङ्कटरामन्", "Venkataraman"), ("देशपांडे", "Deshpande")),
    ),
    Culture(
        "vi-VN",
        "Đà Nẵng",
        "VN",
        (("Thị Hồng Nhung", "Thi Hong Nhung"), ("Đức", "Duc"), ("Ngọc Ánh", "Ngoc Anh"), ("Văn Tuấn", "Van Tuan")),
        (("Nguyễn", "Nguyen"), ("Đặng", "Dang"), ("Tôn Nữ", "Ton Nu"), ("Lý", "Ly")),
    ),
    Culture(
        "is-IS",
        "Reykjavík",
        "IS",
        (("Þórunn", "Thorunn"), ("Ægir", "Aegir"), ("Sæþór", "Saethor"), ("Ásdís", "Asdis")),
        (("Sigurðardóttir", "Sigurdardottir"), ("Þorvaldsson", "Thorvaldsson"), ("Eyjólfsdóttir", "Eyjolfsdottir")),
    ),
    Culture(
        "haw-US",
        "Hilo",
        "US",
        (("Kaʻiulani", "Kaiulani"), ("Keanu", "Keanu"), ("Leilani", "Leilani"), ("Nāʻālehu", "Naalehu")),
        (
            ("Kealiʻikuaʻāinakahikipapaholoʻāina", "Kealiikuaainakahikipapaholoaina"),
            ("Kahananui", "Kahananui"),
            ("Māhoe", "Mahoe"),
        ),
    ),
)
