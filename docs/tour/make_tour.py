"""Writes the files of docs/tour.md: a registration table in GBK with fifteen kinds of faults, and two tables of marks.

Run it in this folder: python3 make_tour.py. It needs nothing but Python. All units, names and numbers are invented.
"""

import csv
from pathlib import Path

HERE = Path(__file__).resolve().parent

HEADER = ["序号", "单位名称", "作品名称", "参赛类型", "作品类别", "作品时长", "主创者", "联系人", "手机", "电子邮箱", "内容简介", "提交时间"]

SUMMARIES = [
    "一次偶然的抽检牵出整条追溯链，全组用三个月找到夹具磨损的原因。",
    "退货的那批产品至今摆在展柜里，提醒每一个进厂的新人。",
    "五个部门拆掉隔墙，第一次坐到同一张桌前，把投诉变成了订单。",
    "维修手册改写成漫画以后，三十岁和五十岁的师傅都看得懂。",
    "凌晨四点的泵站里，一滴水要过十七道关口才能到市民家中。",
    "老师傅把四十年的听音经验录成样本，机器终于学会了听诊。",
    "为了让老人看清说明书，我们把一张纸改了二十六遍。",
    "海外客户的一封信，让车间从头学习什么叫“说到做到”。",
    "一碗面的温度怎样送到八公里外，后厨与骑手一起做了实验。",
    "用一张因果图追到供应商的原料仓，来料不良率降到原来的一半。",
    "把实验室的校准规程搬上手机，新员工第一周就能独立上岗。",
    "从图纸到服务蓝图，前台与后台第一次用同一种语言说话。",
    "工地上的二维码让每一根梁都能说出自己的生日和父母。",
    "食堂的光盘榜坚持了三年，剩饭少了六成，菜也更好吃了。",
    "设备停机从每月九次降到一次，靠的是一本谁都能写的小本子。",
    "检测报告提前两天送达，靠的是把等待的时间一段段找出来。",
]

SPEECH = "质量品牌故事演讲"
CASE = "质量品牌创新案例"

# Unit, title, category, theme, length, creator, contact, phone, e-mail, summary (None: the next one), time.
ROWS = [
    ("上海甲一精密机械有限公司", "一颗螺丝的追问", SPEECH, "上海制造", "6分10秒", "赵甲一", "钱试", "13800000001", "a1@example.com", None, "2024-07-01 09:00"),
    ("上海乙二水务有限公司", "一滴水的十七道关", SPEECH, "上海服务", "5:40", "孙乙二", "李试", "1.38E+10", "b2@example.com", None, "2024-07-01 09:30"),
    ("上海丙三食品有限公司", "一碗面的八公里", SPEECH, "上海服务", "约6分钟", "周丙三", "吴试", "１３８０００００００３", "c3@example.com", None, "2024-07-01 10:00"),
    ("上海丁四医疗器械有限公司", "听诊器会说话", SPEECH, "上海制造", "12分30秒", "郑丁四", "王试", "13800000004", "d4@example.com", None, "2024-07-02 09:00"),
    ("上海戊五商贸有限公司", "看得清的说明书", SPEECH, "■上海购物 ■上海文化 □上海制造", "7分", "冯戊五", "陈试", "13800000005", "e5@example.com", None, "2024-07-02 09:30"),
    ("上海己六物业有限公司", "隔墙拆掉以后", SPEECH, "上海服务", "6分", "褚己六", "卫试", "13800000006", "f6@example", None, "2024-07-02 10:00"),
    ("上海庚七建设有限公司", "梁的生日", SPEECH, "上海制造", "6分20秒", "蒋庚七", "沈试", "13800000007", "g7@example.com", "二维码上墙。", "2024-07-03 09:00"),
    ("上海辛八餐饮有限公司", "光盘榜", SPEECH, "上海文化", "5分50秒", "韩辛八", "杨试", "13800000008", "h8@example.com", None, "2024-07-06 08:10"),
    ("", "谁都能写的小本子", SPEECH, "上海制造", "6分", "朱壬九", "秦试", "13800000009", "i9@example.com", None, "2024-07-03 10:00"),
    ("上海癸十检测有限公司", "提前两天的报告", "质量书法", "上海服务", "", "尤癸十", "许试", "13800000010", "j10@example.com", None, "2024-07-03 11:00"),
    ("上海甲一精密机械有限公司", "", CASE, "上海制造", "", "何甲一", "钱试", "13800000001", "a1@example.com", None, "2024-07-04 09:00"),
    ("上海甲一精密机械有限公司", "因果图追到原料仓", CASE, "上海制造", "", "吕甲一", "", "13800000001", "a1@example.com", None, "2024-07-04 09:20"),
    ("上海甲一精密机械有限公司", "掌上校准", CASE, "上海制造", "", "施?甲", "钱试", "13800000001", "a1@example.com", None, "2024-07-04 09:40"),
    ("上海乙二水务有限责任公司", "一滴水的十七道关", CASE, "上海服务", "", "张乙二", "李试", "13800000002", "b2@example.com", None, "2024-07-04 10:00"),
]

MATRIX_JUDGES = ["赵一", "钱二", "孙三"]
MATRIX = {
    "Y001": ("92", "91", "93"),
    "Y002": ("90", "88.5", "90.5"),
    "Y003": ("89", "90", "88"),
    "Y004": ("86", "87", "88"),
    "Y005": ("87", "87", "87"),
    "Y006": ("85", "84", "86.5"),
    "Y007": ("81", "82.5", "80"),
    "Y008": ("79", "缺席", "80"),
    "Y009": ("84", "83", "85"),
}

FINAL_JUDGES = ["赵一", "钱二", "孙三", "李四", "周五"]
FINAL = {
    "Y001": (("55", "37"), ("54.5", "37.5"), ("56", "38"), ("53", "36"), ("57", "38.5")),
    "Y002": (("54", "38"), ("55", "37"), ("55.5", "37.5"), ("54.5", "38"), ("56", "37")),
    "Y003": (("52", "36"), ("53", "35.5"), ("51.5", "36"), ("50", "36.5"), ("54", "35")),
    "Y004": (("53", "35"), ("52.5", "36"), ("51", "36.5"), ("50.5", "36"), ("55", "34")),
    "Y005": (("50", "34"), ("51", "33.5"), ("49.5", "35"), ("50", "34"), ("52", "35")),
}


def write(name: str, rows: list, encoding: str) -> None:
    with open(HERE / name, "w", encoding=encoding, newline="") as file:
        csv.writer(file, lineterminator="\r\n").writerows(rows)


def main() -> None:
    summaries = iter(SUMMARIES)
    table = [["练习赛报名汇总表"], HEADER]
    for number, row in enumerate(ROWS, start=1):
        *head, summary, moment = row
        own = next(summaries)
        table.append([number, *head, own if summary is None else summary, moment])
    table.append(["合计", f"{len(ROWS)}件"])
    write("报名汇总.csv", table, "gbk")
    write("初赛评分.csv", [["作品编号", *MATRIX_JUDGES], *([number, *marks] for number, marks in MATRIX.items())], "gbk")
    long = [["作品编号", "评委", "主题内容", "语言表达"]]
    for number, marks in FINAL.items():
        long.extend([number, judge, *mark] for judge, mark in zip(FINAL_JUDGES, marks, strict=True))
    write("决赛评分.csv", long, "gbk")


if __name__ == "__main__":
    main()
