"""Gradient boosting without end. Arguments: xgboost|lightgbm|catboost, fit|predict, threads."""
import sys
import numpy as np

kind, mode, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
draw = np.random.default_rng(1)
x = draw.normal(size=(40000, 40))
y = (x[:, :5].sum(1) + draw.normal(size=40000) > 0).astype(int)
if kind == "xgboost":
    from xgboost import XGBClassifier as Model
    options = {"n_estimators": 100, "n_jobs": threads}
elif kind == "lightgbm":
    from lightgbm import LGBMClassifier as Model
    options = {"n_estimators": 100, "n_jobs": threads, "verbosity": -1}
else:
    from catboost import CatBoostClassifier as Model
    options = {"iterations": 100, "thread_count": threads, "verbose": False, "allow_writing_files": False}
net = Model(**options).fit(x, y) if mode == "predict" else None
print("ready", flush=True)
while True:
    net.predict(x) if net else Model(**options).fit(x, y)
