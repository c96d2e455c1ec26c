"""Articles and how they are cited."""

import pytest

from server.law.articles import ARTICLES, SOURCES, article
from server.law.errors import UnknownNameError
from server.law.numerals import chinese


@pytest.mark.parametrize("key", ARTICLES)
def test_an_article_has_a_source_a_title_and_a_basis(key):
    found = article(key)
    assert key == f"{found.source}-{found.number}"
    assert found.source in SOURCES
    assert found.title.zh
    assert found.title.en
    assert found.status in ("verified", "unverified")
    assert found.basis


def test_an_article_that_does_not_act_is_refused_with_what_is_near():
    with pytest.raises(UnknownNameError, match="law-29") as caught:
        article("law-290")
    assert caught.value.allowed == tuple(ARTICLES)


def test_documents_cite_an_article_in_both_languages():
    cited = article("law-29").cited
    assert cited.zh == "《社区矫正法》第二十九条"
    assert cited.en == "Community Corrections Law, Art. 29"


def test_a_document_without_articles_is_cited_by_its_name():
    assert article("exit-420").cited.zh == "《法定不准出境人员报备管理工作规范》"


# Domain facts: of the Implementing Measures only these were read word for word.
def test_only_articles_whose_text_was_read_count_as_verified():
    read = {key for key, one in ARTICLES.items() if one.status == "verified"}
    assert {key for key in read if key.startswith("measures")} == {
        "measures-34",
        "measures-35",
        "measures-46",
    }
    assert all(key in read for key in ARTICLES if key.startswith("law-"))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (29, "二十九"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
        (286, "二百八十六"),
        (543, "五百四十三"),
        (1001, "一千零一"),
        (1010, "一千零一十"),
        (2000, "二千"),
    ],
)
def test_a_number_is_written_as_laws_write_it(number, text):
    assert chinese(number) == text


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_a_number_that_no_article_has_is_refused(number):
    with pytest.raises(ValueError, match="outside"):
        chinese(number)
