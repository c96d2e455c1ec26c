"""Names of people who do not exist."""

from typing import Final

from device_sims.dice import Dice

_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余"
)
_GIVEN: Final = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰春梅建国志红玉英华文斌鹏飞晓东海波宁浩宇欣"
)


def person_name(dice: Dice, index: int) -> str:
    """Return a Chinese name: a surname and one or two characters."""
    base = index * 4
    given = dice.choice(base + 1, _GIVEN)
    if dice.chance(base + 2, 0.65):
        given += dice.choice(base + 3, _GIVEN)
    return dice.choice(base, _SURNAMES) + given
