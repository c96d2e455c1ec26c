"""What each document says, next to the article that asks for it."""

import pytest

from server.documents.rendering import render
from server.documents.template import EXAMPLE, templates
from tests.server.pdf_reading import text_of


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        pytest.param(
            "reception_notice",
            ("你应当履行的义务", "你享有的权利", "申诉、控告", "不受歧视", "仅为履行法定职责"),
            id="reception_notice",
            marks=pytest.mark.article("law-4", "law-22", "law-34", "pipl-35"),
        ),
        pytest.param(
            "announcement",
            ("现向你宣告", "期限自2026年6月1日起至2027年5月31日止", "矫正小组由下列人员组成"),
            id="announcement",
            marks=pytest.mark.article("law-22", "measures-20"),
        ),
        pytest.param(
            "plan",
            ("综合评估", "监督管理、教育和帮扶措施", "第1版", "及时调整"),
            id="plan",
            marks=pytest.mark.article("law-3", "measures-22"),
        ),
        pytest.param(
            "positioning_decision",
            (
                "属于无正当理由，未经批准离开",
                "2027年2月22日24时",
                "每次不得超过三个月",
                "经县级司法行政部门负责人陈某批准",
            ),
            id="positioning_decision",
            marks=pytest.mark.article("law-29"),
        ),
        pytest.param(
            "positioning_extension_decision",
            ("经评估仍有必要继续使用", "批准，决定延长"),
            id="positioning_extension_decision",
            marks=pytest.mark.article("law-29"),
        ),
        pytest.param(
            "positioning_lifting_notice",
            ("不需要继续使用", "2026年12月20日10时30分起解除", "不再收集你的位置信息"),
            id="positioning_lifting_notice",
            marks=pytest.mark.article("law-29"),
        ),
        pytest.param(
            "positioning_notice",
            ("2027年2月22日24时止", "使用要求", "违反要求的后果", "只用于社区矫正工作"),
            id="positioning_notice",
            marks=pytest.mark.article("measures-37", "law-34"),
        ),
        pytest.param(
            "leave_permit",
            ("批准你外出", "共10日", "返回报告时限", "接受电话、视频等方式的核查"),
            id="leave_permit",
            marks=pytest.mark.article("measures-27", "measures-28"),
        ),
        pytest.param(
            "leave_refusal",
            ("不予批准，原因是", "可以重新申请"),
            id="leave_refusal",
            marks=pytest.mark.article("law-27", "measures-26"),
        ),
        pytest.param(
            "cross_county_permit",
            ("每周一至周五", "至2027年5月31日止", "期满仍有需要的，应当重新申请"),
            id="cross_county_permit",
            marks=pytest.mark.article("measures-29"),
        ),
        pytest.param(
            "transfer_inquiry",
            ("征求你机构意见", "2026年11月27日前书面答复"),
            id="transfer_inquiry",
            marks=pytest.mark.article("measures-30"),
        ),
        pytest.param(
            "transfer_decision",
            (
                "同意变更执行地",
                "2026年11月29日前到白石县社区矫正管理局报到",
                "抄送：青溪县人民法院",
            ),
            id="transfer_decision",
            marks=pytest.mark.article("measures-31"),
        ),
        pytest.param(
            "admonition_decision",
            ("给予你训诫", "第1次训诫", "10日内", "申诉、控告"),
            id="admonition_decision",
            marks=pytest.mark.article("measures-34"),
        ),
        pytest.param(
            "warning_decision",
            ("给予你警告", "第1次警告", "陈述和申辩"),
            id="warning_decision",
            marks=pytest.mark.article("measures-35"),
        ),
        pytest.param(
            "police_punishment_proposal",
            ("青溪县公安局：", "建议你机关依法给予治安管理处罚", "抄送：青溪县人民检察院"),
            id="police_punishment_proposal",
            marks=pytest.mark.article("measures-36"),
        ),
        pytest.param(
            "probation_revocation_proposal",
            ("青溪县人民法院：", "裁定撤销缓刑", "抄送：青溪县人民检察院"),
            id="probation_revocation_proposal",
            marks=pytest.mark.article("law-46", "measures-46"),
        ),
        pytest.param(
            "parole_revocation_proposal",
            ("裁定撤销假释", "抄送：青溪县人民检察院"),
            id="parole_revocation_proposal",
            marks=pytest.mark.article("law-48", "measures-47"),
        ),
        pytest.param(
            "recommittal_proposal",
            ("浙江省监狱管理局：", "决定收监执行", "抄送：青溪县人民检察院"),
            id="recommittal_proposal",
            marks=pytest.mark.article("law-49", "measures-49", "cpl-268"),
        ),
        pytest.param(
            "reduction_proposal",
            ("减去管制刑期三个月", "抄送：青溪县人民检察院"),
            id="reduction_proposal",
            marks=pytest.mark.article("law-33", "measures-42"),
        ),
        pytest.param(
            "praise_decision",
            ("决定给予你表扬",),
            id="praise_decision",
            marks=pytest.mark.article("law-28", "measures-33"),
        ),
        pytest.param(
            "objection_answer",
            ("经另行指派人员复核", "异议成立，撤销原决定"),
            id="objection_answer",
            marks=pytest.mark.article("measures-32"),
        ),
        pytest.param(
            "data_answer",
            ("查阅、复制个人信息的申请", "同意", "住址：青溪县城关镇东风路12号"),
            id="data_answer",
            marks=pytest.mark.article("pipl-45", "pipl-46"),
        ),
        pytest.param(
            "score_summary",
            (
                "良好表现",
                "由你本人留存",
                "本说明不作为任何法定措施的依据",
                "信用承诺：2026年6月8日",
            ),
            id="score_summary",
            marks=pytest.mark.article("pipl-24"),
        ),
        pytest.param(
            "search_notice",
            ("已立即组织查找", "请你机关协助查找", "抄送：青溪县人民检察院"),
            id="search_notice",
            marks=pytest.mark.article("law-30", "measures-38"),
        ),
        pytest.param(
            "release_certificate",
            ("自2026年6月1日起至2027年5月31日止", "特此证明", "二〇二七年五月三十一日"),
            id="release_certificate",
            marks=pytest.mark.article("law-44", "measures-53", "measures-54"),
        ),
        pytest.param(
            "release_notice",
            (
                "已于2027年5月31日解除社区矫正",
                "抄送：青溪县人民法院，青溪县人民检察院，青溪县公安局",
            ),
            id="release_notice",
            marks=pytest.mark.article("law-44"),
        ),
        pytest.param(
            "termination_notice",
            ("被裁定撤销缓刑", "2027年2月10日终止"),
            id="termination_notice",
            marks=pytest.mark.article("law-45", "law-51"),
        ),
        pytest.param(
            "investigation_opinion",
            ("委托对张三进行调查评估", "拟禁止的事项", "供你单位参考"),
            id="investigation_opinion",
            marks=pytest.mark.article("law-18", "measures-14"),
        ),
        pytest.param(
            "medical_review_notice",
            ("2026年12月31日前", "青溪县人民医院", "提请收监执行"),
            id="medical_review_notice",
            marks=pytest.mark.article("law-23", "measures-24"),
        ),
        pytest.param(
            "leave_approval",
            ("两个月内累计", "司法所意见", "同意外出"),
            id="leave_approval",
            marks=pytest.mark.article("measures-27"),
        ),
    ],
)
def test_a_document_says_what_its_article_asks(kind, wanted):
    template = templates()[kind]
    text = text_of(render(template, {**EXAMPLE, **template.example}))
    assert [one for one in wanted if one not in text] == []
