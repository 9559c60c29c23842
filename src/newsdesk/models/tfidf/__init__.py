"""The published TF-IDF systems as families."""

from newsdesk.models.tfidf.bayes import TfidfNb
from newsdesk.models.tfidf.logreg import TfidfLogreg
from newsdesk.models.tfidf.mlp import TfidfMlp
from newsdesk.models.tfidf.params import LogregParams, MlpParams, NbParams, SvmParams, TextParams
from newsdesk.models.tfidf.svm import TfidfSvm

__all__ = [
    "LogregParams",
    "MlpParams",
    "NbParams",
    "SvmParams",
    "TextParams",
    "TfidfLogreg",
    "TfidfMlp",
    "TfidfNb",
    "TfidfSvm",
]
