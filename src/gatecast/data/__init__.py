"""Tables to windows: read, check, put in order, scale, split, cut."""

from gatecast.data.encoding import LabelEncoder, OneHotEncoder, encoder_from_config
from gatecast.data.scaling import (
    MinMaxScaler,
    NoScaler,
    RobustScaler,
    Scaler,
    StandardScaler,
    make_scaler,
    scaler_from_config,
)
from gatecast.data.series import Panel, to_panel
from gatecast.data.splits import Fold, Split, rolling_origins, split_at, split_in_time
from gatecast.data.tables import Missing, Table, read_table
from gatecast.data.windows import Batch, Windows, latest

__all__ = [
    "Batch",
    "Fold",
    "LabelEncoder",
    "MinMaxScaler",
    "Missing",
    "NoScaler",
    "OneHotEncoder",
    "Panel",
    "RobustScaler",
    "Scaler",
    "Split",
    "StandardScaler",
    "Table",
    "Windows",
    "encoder_from_config",
    "latest",
    "make_scaler",
    "read_table",
    "rolling_origins",
    "scaler_from_config",
    "split_at",
    "split_in_time",
    "to_panel",
]
