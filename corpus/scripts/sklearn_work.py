"""scikit-learn without end. Arguments: forest|svm|logistic|kmeans|boosting|mlp, fit|predict, jobs."""
import sys
import warnings
import numpy as np
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

warnings.filterwarnings("ignore")
kind, mode, jobs = sys.argv[1], sys.argv[2], int(sys.argv[3])
draw = np.random.default_rng(1)
x = draw.normal(size=(4000, 40))
y = (x[:, :5].sum(1) + draw.normal(size=4000) > 0).astype(int) + (x[:, 7] > 0.8)
make = {
    "forest": lambda: RandomForestClassifier(100, n_jobs=jobs),
    "svm": lambda: SVC(),
    "logistic": lambda: LogisticRegression(max_iter=500, tol=1e-8),
    "kmeans": lambda: KMeans(30, n_init=4),
    "boosting": lambda: HistGradientBoostingClassifier(max_iter=200),
    "mlp": lambda: MLPClassifier((200, 100), max_iter=50),
}[kind]
net = make().fit(x, y) if mode == "predict" else None
print("ready", flush=True)
while True:
    net.predict(x) if net else make().fit(x, y)
