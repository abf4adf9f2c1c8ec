"""Low-rank adaptation (Hu and others, 2021) of a causal model on worked solutions, by trl and peft.

1. Pack whole solutions one after the other into texts of one length: little padding, and each solution but the first
   stands behind worked ones, as it will when the model is asked. Only what the model is to say is learnt, not
   the problems.
2. Train low-rank matrices beside the linear layers of the last layers; the model itself stays as it is.
3. Write the adapter as safetensors in bf16, with the settings and what they gave beside it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from inference.engines.base import EngineError
from inference.trainers.policy import lineage
from inference.trainers.policy.corpus import packed
from inference.trainers.policy.params import PolicyParams

LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
WARM_UP_STEPS = 10


def train_adapter(
    base: Path,
    texts: Sequence[tuple[str, str]],
    params: PolicyParams,
    out: Path,
    progress: Callable[[dict[str, Any]], None],
    *,
    start: Path | None = None,
    told: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Train an adapter of the model in `base` on `texts` (asked, said), write it to `out` and return its figures.

    With `start` the training goes on from the adapter in that folder, whose rank and layers stay. `told` is written
    down beside the figures. `progress` gets {"step", "steps", "loss"} after each step and may raise to stop.
    EngineError names a missing extra, or says that an adapter does not fit; ValueError for too little to learn from.
    """
    torch, trl = modules()
    torch.set_num_threads(params.threads or max(1, len(os.sched_getaffinity(0))))
    model, tokenizer = _loaded(base, torch.float32)
    rows = _rows(tokenizer, texts, params)
    trainer = trl.SFTTrainer(
        model=_going_on(model, start) if start else model,
        peft_config=None if start else _new(params, int(model.config.num_hidden_layers)),
        args=_arguments(params, out),
        train_dataset=import_module("datasets").Dataset.from_list(rows),
        processing_class=tokenizer,
        callbacks=[_watcher(progress)],
    )
    trainer.remove_callback(import_module("transformers").PrinterCallback)
    ended = trainer.train()
    figures = {"loss": round(float(ended.training_loss), 4), "steps": int(ended.global_step), "texts": len(texts),
               "tokens": len(rows) * params.length}  # fmt: skip
    trainer.model.to(torch.bfloat16).save_pretrained(out, safe_serialization=True)
    lineage.write(out, {"params": {**params.as_dict(), **_shape(trainer.model)}, **told, **figures}, start)
    return figures


def modules() -> tuple[Any, Any]:
    """Return torch and trl; EngineError says which extra is missing."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        import_module("peft")
        # trl loads its names when they are asked for, unseen by type checkers.
        return import_module("torch"), import_module("trl")
    except ImportError as error:
        raise EngineError(f"training a policy needs the [train] extra, which `make setup` installs ({error})") from None


def _loaded(base: Path, dtype: Any) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
    loader: Any = AutoModelForCausalLM
    try:
        tokenizer = AutoTokenizer.from_pretrained(base, **source)
        return loader.from_pretrained(base, use_safetensors=True, dtype=dtype, **source), tokenizer
    except (OSError, ValueError) as error:
        raise EngineError(f"cannot load {base}: {error}") from error


def _rows(tokenizer: Any, texts: Sequence[tuple[str, str]], params: PolicyParams) -> list[dict[str, list[int]]]:
    tokens = [(tokenizer(asked)["input_ids"], tokenizer(said)["input_ids"]) for asked, said in texts]
    rows = [
        {"input_ids": row, "labels": learnt(row, mask)}
        for row, mask in packed(tokens, params.length, tokenizer.eos_token_id)
    ]
    if len(rows) < params.batch:
        raise ValueError(
            f"expected at least {params.batch} texts of {params.length} tokens to learn from, got {len(rows)}"
        )
    return rows


def learnt(row: Sequence[int], mask: Sequence[int]) -> list[int]:
    """Return the labels of a text: its tokens where one learns, -100 elsewhere."""
    return [token if learns else -100 for token, learns in zip(row, mask, strict=True)]


def _new(params: PolicyParams, depth: int) -> Any:
    """Return what a new adapter of a model with `depth` layers is to be."""
    from peft import LoraConfig

    first = max(0, depth - params.layers) if params.layers else 0
    return LoraConfig(
        r=params.rank,
        lora_alpha=2 * params.rank,
        target_modules=LINEAR,
        layers_to_transform=list(range(first, depth)),
        task_type="CAUSAL_LM",
    )


def check_adapter(folder: Path) -> None:
    """Raise EngineError where the folder holds no adapter to go on from."""
    if not (folder / "adapter_model.safetensors").is_file():
        raise EngineError(f"there is no LoRA adapter in safetensors at {folder}")


def _going_on(model: Any, start: Path) -> Any:
    """Return the model with the adapter in `start` beside it, in float32 and free to change."""
    from peft import PeftModel

    check_adapter(start)
    try:
        return PeftModel.from_pretrained(model, str(start), is_trainable=True, local_files_only=True).float()
    except (OSError, ValueError, RuntimeError) as error:
        raise EngineError(f"the adapter {start} does not fit the model: {error}") from error


def _shape(model: Any) -> dict[str, int]:
    """Return the rank of the adapter that was trained and the number of its layers (0: all)."""
    config = model.peft_config["default"]
    return {"rank": int(config.r), "layers": len(config.layers_to_transform or ())}


def _arguments(params: PolicyParams, out: Path) -> Any:
    import torch

    trl: Any = import_module("trl")
    return trl.SFTConfig(
        output_dir=str(out),
        per_device_train_batch_size=params.batch,
        num_train_epochs=params.epochs,
        learning_rate=params.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=WARM_UP_STEPS,
        max_length=params.length,
        packing=False,
        bf16=torch.cuda.is_available(),
        use_cpu=not torch.cuda.is_available(),
        gradient_checkpointing=False,
        save_strategy="no",
        report_to=[],
        logging_steps=1,
        disable_tqdm=True,
        seed=params.seed,
        dataset_kwargs={"skip_prepare_dataset": True},
    )


def _watcher(progress: Callable[[dict[str, Any]], None]) -> Any:
    from transformers import TrainerCallback

    class Watcher(TrainerCallback):
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kept: Any) -> None:
            if "loss" in (logs or {}):
                loss = round(float(logs["loss"]), 4)
                progress({"step": int(state.global_step), "steps": int(state.max_steps), "loss": loss})

    return Watcher()
