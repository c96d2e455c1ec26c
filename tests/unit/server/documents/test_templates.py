"""Templates: which there are, that each renders, and what a wrong file is told."""

from importlib.resources import files
from pathlib import Path

import pytest

from server.documents.errors import TemplateError
from server.documents.rendering import render
from server.documents.template import EXAMPLE, parse, templates
from tests.server.pdf_reading import fonts_of, text_of

# kind: title, word of the number, who issues it, whether the person reads it
TABLE = {
    "alert_report": ("报警处置月报", "矫警月", "office county city province", False),
    "admonition_decision": ("社区矫正训诫决定书", "矫训", "county", True),
    "announcement": ("入矫宣告书", "矫宣", "office county", True),
    "cross_county_permit": ("经常性跨市、县活动批准书", "矫跨准", "county", True),
    "data_answer": ("个人信息权利申请答复书", "矫信复", "county", True),
    "investigation_opinion": ("调查评估意见书", "矫评", "county", False),
    "leave_approval": ("社区矫正对象外出审批表", "矫外审", "office county city", True),
    "leave_permit": ("社区矫正对象外出批准书", "矫外准", "office county city", True),
    "leave_refusal": ("不予批准外出通知书", "矫外不", "office county city", True),
    "medical_review_notice": ("病情复查通知书", "矫复查", "office county", True),
    "objection_answer": ("奖惩异议答复书", "矫异复", "county", True),
    "parole_revocation_proposal": ("撤销假释建议书", "矫撤假建", "county", False),
    "plan": ("社区矫正方案", "矫案", "office county", True),
    "police_punishment_proposal": ("提请治安管理处罚建议书", "矫治建", "county", False),
    "positioning_decision": ("使用电子定位装置决定书", "矫定", "county", True),
    "positioning_extension_decision": ("延长使用电子定位装置决定书", "矫定延", "county", True),
    "positioning_lifting_notice": ("解除电子定位通知书", "矫定解", "county", True),
    "positioning_notice": ("电子定位装置使用告知书", "矫定告", "office county", True),
    "praise_decision": ("社区矫正表扬决定书", "矫表", "county", True),
    "probation_revocation_proposal": ("撤销缓刑建议书", "矫撤缓建", "county", False),
    "reception_notice": ("社区矫正告知书", "矫告", "office county", True),
    "recommittal_proposal": ("收监执行建议书", "矫收建", "county", False),
    "reduction_proposal": ("减刑建议书", "矫减建", "county", True),
    "release_certificate": ("解除社区矫正证明书", "矫解证", "county", True),
    "release_notice": ("解除社区矫正通知书", "矫解通", "county", False),
    "score_summary": ("信用矫正情况说明", "矫信说", "office county", True),
    "search_notice": ("协助查找社区矫正对象通知书", "矫查", "county", False),
    "termination_notice": ("社区矫正终止通知书", "矫终", "county", False),
    "transfer_decision": ("执行地变更决定书", "矫变", "county", True),
    "transfer_inquiry": ("执行地变更征求意见函", "矫变询", "county", False),
    "warning_decision": ("社区矫正警告决定书", "矫警", "county", True),
}

ROOT = Path(__file__).parents[4]

WHOLE = (
    files("server.documents").joinpath("templates/praise_decision.toml").read_text(encoding="utf-8")
)


def test_these_are_the_documents():
    assert {
        kind: (one.title.zh, one.word, " ".join(one.issuers), one.own)
        for kind, one in templates().items()
    } == TABLE


def row_of(template):
    """A template as docs/documents.md lists it."""
    fields = ", ".join(
        f"[{name}]" if field.optional else name for name, field in template.fields.items()
    )
    parts = [f"`{template.kind}`", template.title.zh, template.word]
    parts += [", ".join(template.issuers), fields]
    parts += [", ".join(template.wants), ", ".join(template.copies)]
    return f"| {' | '.join(parts)} |"


def test_the_page_lists_every_document_with_its_fields():
    page = (ROOT / "docs" / "documents.md").read_text(encoding="utf-8")
    listed = [line for line in page.splitlines() if line.startswith("| `")]
    assert listed == [row_of(template) for template in templates().values()]


def test_no_two_documents_share_a_word():
    words = [one.word for one in templates().values()]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("kind", TABLE)
def test_a_document_renders_with_its_example_and_can_be_searched(kind):
    template = templates()[kind]
    values = {**EXAMPLE, **template.example}
    content = render(template, values)
    text = text_of(content)
    for wanted in (template.title.zh, values["number"], values["name"], values["issuer"]):
        assert wanted in text
    assert "{" not in text
    assert fonts_of(content)
    assert all(is_embedded and "NotoSansSC" in name for name, is_embedded in fonts_of(content))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param("version = 1", "version = 0", "version must be 1", id="version"),
        pytest.param("word", "wort", "unknown field", id="unknown member"),
        pytest.param('"law-28"', '"law-999"', "law-999", id="no such article"),
        pytest.param("{basis}", "{bases}", "{bases} is not declared", id="undeclared"),
        pytest.param(
            "依据{basis}", "{offence}，依据{basis}", "{offence} is optional", id="optional"
        ),
        pytest.param("merits =", "number =", "is a standing field", id="standing"),
        pytest.param('kind = "lines"', 'kind = "choice"', "a choice has options", id="choice"),
        pytest.param('kind = "lines"', 'kind = "list"', "Invalid enum value 'list'", id="kind"),
        pytest.param('"term_to"]', '"term_ti"]', "are not all standing", id="wants"),
        pytest.param('field = "merits"', 'items = ["勤"]', "Merits", id="unused in the body"),
    ],
)
def test_a_template_that_is_wrong_is_refused_with_its_place(old, new, told):
    assert old in WHOLE
    changed = WHOLE.replace(old, new)
    if told == "Merits":
        changed = changed.replace(" Merits: {merits}", "")
        told = "fields.merits: nothing uses it"
    with pytest.raises(TemplateError, match=r"praise_decision\.toml") as error:
        parse("praise_decision", changed.encode())
    assert told in str(error.value)


def test_a_template_is_named_in_lower_case_english():
    with pytest.raises(TemplateError, match="the file's name"):
        parse("Praise-1", WHOLE.encode())
