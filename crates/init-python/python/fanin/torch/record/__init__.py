"""Any model code by parameter name: record what it draws, then fill each parameter from its own stream."""

from fanin.torch.record._build import build, record, recording
from fanin.torch.record._plan import ModelPlan
from fanin.torch.record._recorder import Recorder, RecordingWarning
from fanin.torch.record._reset import init_
from fanin.torch.record._verification import ModelVerification

__all__ = [
    "ModelPlan",
    "ModelVerification",
    "Recorder",
    "RecordingWarning",
    "build",
    "init_",
    "record",
    "recording",
]
