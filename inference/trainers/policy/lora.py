"""Low-rank adaptation (Hu and others, 2021) of a causal model on worked solutions, by trl and peft.

1. Pack whole solutions one after the other into texts of one length: little padding, and each solution but the first
   stands behind worked ones, as it will when the model is asked. Only what the model is to say is learnt, not
   the problems.
2. Train low-rank matrices beside the linear layers of the last layers; the model itself stays as it is.
3. Write the adapter as safetensors in bf16, with the settings and what they gave beside it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from inference.engines.base import EngineError
from inference.engines.load import source_of
from inference.engines.params import EngineSpec
from inference.trainers.policy import lineage
from inference.trainers.policy.corpus import packed
from inference.trainers.policy.params import PolicyParams

LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
WARM_UP_STEPS = 10


def train_adapter(
    spec: EngineSpec,
    texts: Sequence[tuple[str, str]],
    params: PolicyParams,
    out: Path,
    progress: Callable[[dict[str, Any]], None],
    told: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Train an adapter of the model that `spec` names on `texts` (asked, said), write it to `out`, return its figures.

    Where `spec` has an adapter the training goes on from it, and its rank and layers stay. `told` is written down
    beside the figures. `progress` gets {"step", "steps", "loss"} after each step and may raise to stop. EngineError
    names a missing extra, or says that a model or an adapter cannot be loaded; ValueError for too little to learn from.
    """
    torch, trl = modules()
    torch.set_num_threads(params.threads or max(1, len(os.sched_getaffinity(0))))
    model, tokenizer = _loaded(spec, torch.float32)
    rows = _rows(tokenizer, texts, params)
    start = Path(spec.adapter) if spec.adapter else None
    trainer = trl.SFTTrainer(
        model=_going_on(model, start, spec.model) if start else model,
        peft_config=None if start else _new(params, int(model.config.num_hidden_layers)),
        args=_arguments(params, out, on_cpu=spec.device == "cpu" or not torch.cuda.is_available()),
        train_dataset=import_module("datasets").Dataset.from_list(rows),
        processing_class=tokenizer,
        callbacks=[_watcher(progress)],
    )
    trainer.remove_callback(import_module("transformers").PrinterCallback)
    ended = trainer.train()
    figures = {"loss": round(float(ended.training_loss), 4), "steps": int(ended.global_step), "texts": len(texts),
               "tokens": len(rows) * params.length}  # fmt: skip
    _save(trainer.model.to(torch.bfloat16), spec, out)
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


def _loaded(spec: EngineSpec, dtype: Any) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source, options = source_of(spec)
    loader: Any = AutoModelForCausalLM
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
        return loader.from_pretrained(source, use_safetensors=True, dtype=dtype, **options), tokenizer
    except (OSError, ValueError) as error:
        raise EngineError(f"cannot load {spec.model}: {error}") from error


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


def _going_on(model: Any, start: Path, base: str) -> Any:
    """Return the model with the adapter in `start` beside it, in float32 and free to change."""
    from peft import PeftModel

    check_adapter(start)
    try:
        adapted: Any = PeftModel.from_pretrained(model, str(start), is_trainable=True, local_files_only=True).float()
    except (OSError, ValueError, RuntimeError) as error:
        raise EngineError(f"the adapter {start} does not fit the model: {error}") from error
    # Saving looks at the base's configuration, on a hub where the name is no folder.
    adapted.peft_config["default"].base_model_name_or_path = base
    return adapted


def _save(model: Any, spec: EngineSpec, out: Path) -> None:
    """Write the adapter, without where this machine keeps its base and without a card that says nothing."""
    model.save_pretrained(out, safe_serialization=True)
    (out / "README.md").unlink(missing_ok=True)
    config = out / "adapter_config.json"
    told = {**json.loads(config.read_text()), "base_model_name_or_path": Path(spec.model).name}
    config.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n")


def _shape(model: Any) -> dict[str, int]:
    """Return the rank of the adapter that was trained and the number of its layers (0: all)."""
    config = model.peft_config["default"]
    return {"rank": int(config.r), "layers": len(config.layers_to_transform or ())}


def _arguments(params: PolicyParams, out: Path, *, on_cpu: bool) -> Any:
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
        bf16=not on_cpu,
        use_cpu=on_cpu,
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
