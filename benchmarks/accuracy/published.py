"""What others reached, as they published it.

M3: recomputed from the competition's own forecasts (R package Mcomp); N-BEATS from Oreshkin et
al. 2020.  M4: the competition's table of results (Makridakis et al. 2020); N-BEATS as before.
ETTh1: SegRNN from Lin et al. 2023 with the figures that its authors corrected in 2025, PatchTST
from Nie et al. 2023, DLinear from Zeng et al. 2023, iTransformer from Liu et al. 2024.
"""

from benchmarks.accuracy.scores import Scores

#: published sMAPE and MASE of Naive2, of which OWA is the ratio
NAIVE2 = {
    "m3_yearly": (17.8799, 3.1717),
    "m3_quarterly": (9.9506, 1.2384),
    "m3_monthly": (16.8907, 1.0369),
    "m3_other": (6.3016, 3.0891),
    "m3": (15.4619, 1.6650),
    "m4_hourly": (18.383, 2.395),
    "m4_weekly": (9.161, 2.777),
}

#: data set -> method -> scores
PUBLISHED: dict[str, dict[str, Scores]] = {
    "m3_yearly": {"Theta (winner)": Scores(16.97), "ForecastPro": Scores(17.27),
                  "N-BEATS, 180 networks": Scores(15.93)},
    "m3_quarterly": {"Theta (winner)": Scores(8.96), "ForecastPro": Scores(9.82),
                     "N-BEATS, 180 networks": Scores(8.84)},
    "m3_monthly": {"Theta (winner)": Scores(13.89), "ForecastPro": Scores(13.90),
                   "N-BEATS, 180 networks": Scores(13.11)},
    "m3_other": {"Theta (winner)": Scores(4.41), "ForecastPro": Scores(4.60),
                 "N-BEATS, 180 networks": Scores(4.24)},
    "m3": {"Theta (winner)": Scores(13.05, 1.395), "ForecastPro": Scores(13.23, 1.467),
           "Naive2": Scores(15.46, 1.665), "N-BEATS, 180 networks": Scores(12.37)},
    "m4_hourly": {"ES-RNN (winner)": Scores(9.328, 0.893, 0.440),
                  "best entry here": Scores(8.913, 0.801, 0.410),
                  "Theta": Scores(18.138, 2.455, 1.006),
                  "the organisers' RNN": Scores(14.698, 3.048, 1.036),
                  "N-BEATS": Scores(8.197)},
    "m4_weekly": {"ES-RNN (winner)": Scores(7.817, 2.356, 0.851),
                  "best entry here": Scores(6.582, 2.107, 0.739),
                  "Theta": Scores(9.093, 2.637, 0.971),
                  "the organisers' RNN": Scores(15.220, 5.132, 1.755)},
    "etth1_96": {"SegRNN": Scores(mse=0.351, mae=0.392), "PatchTST": Scores(mse=0.370, mae=0.400),
                 "DLinear": Scores(mse=0.375, mae=0.399),
                 "iTransformer": Scores(mse=0.386, mae=0.405)},
    "etth1_720": {"SegRNN": Scores(mse=0.466, mae=0.472), "PatchTST": Scores(mse=0.447, mae=0.468),
                  "DLinear": Scores(mse=0.472, mae=0.490),
                  "iTransformer": Scores(mse=0.503, mae=0.491)},
}  # fmt: skip
