"""Texts a player reads, ready for translation: QObjects ask `self.tr`, everything else asks `tr` here."""

from PySide6.QtCore import QCoreApplication

CONTEXT = "Sirenade"


def tr(text: str, count: int = -1) -> str:
    """`text` in the player's language, itself where there is no translation; `count` chooses between singular and plural.

    Put values in afterwards, `tr("{count} voices").format(count=3)`, so that the sentence stays one text for translators.
    """
    return QCoreApplication.translate(CONTEXT, text, None, count)
