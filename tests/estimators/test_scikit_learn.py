"""scikit-learn's own checks of its rules, every one of the installed version."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from gatecast.estimators import SequenceClassifier, SequenceRegressor

#: mini-batches differ between a row of weight 2 and two rows, so the networks do a little
EXPECTED = {
    "check_sample_weight_equivalence_on_dense_data": "weights and repetitions batch differently"
}

# scikit-learn's checks warn on purpose, of the data they make
pytestmark = pytest.mark.filterwarnings("ignore")


@parametrize_with_checks(
    [SequenceRegressor(), SequenceClassifier()],
    expected_failed_checks=lambda estimator: EXPECTED,
)
def test_the_estimators_keep_scikit_learns_rules(estimator, check):
    if "array_api" in str(check):
        return  # needs SCIPY_ARRAY_API, and is for estimators that claim to support it
    check(estimator)
