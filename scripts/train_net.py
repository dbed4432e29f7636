"""Trains the sentence network with torch; models/clause_net.py runs it without."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.clause_net import Net
from models.clause_text import SHAPE, Reading
from models.clause_words import Bags, Floats, Ints, Vocabulary, bare_heading, grams, words_of
from scripts.train_labels import Labelled, Lesson
from scripts.train_written import Written, among


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train. Rates are peaks of a one-cycle schedule; `spread` is how far embeddings start from 0.

    `word_dropout` leaves out n-grams, `dropout` hidden units, `unheaded` the headings of so many contracts, since other
    contracts have none. `ranking` weighs the loss that wants a right sentence above all others of its contract. So many
    `written` clauses, on average, are put into each contract, others each time.
    """

    dimensions: int = 96
    hidden: int = 192
    epochs: int = 10
    batch: int = 4
    rate: float = 0.003
    embedding_rate: float = 0.007
    spread: float = 0.1
    decay: float = 0.001
    word_dropout: float = 0.5
    dropout: float = 0.4
    unheaded: float = 0.25
    ranking: float = 0.5
    written: float = 26.0
    seed: int = 1


def vocabulary_of(
    contracts: Sequence[Labelled], written: Sequence[Written] = (), least_words: int = 3, least_pairs: int = 7
) -> Vocabulary:
    """The n-grams used by so many companies, or written clauses: names and slips of one firm are left out."""
    used: dict[str, set[str]] = defaultdict(set)
    for contract in contracts:
        used[contract.company].update(_grams(contract))
    for number, clause in enumerate(written):
        used[f"written {number}"].update((*grams(words_of(clause.text)), *grams(bare_heading(clause.heading).split())))
    companies = Counter(gram for each in used.values() for gram in each)
    return Vocabulary(sorted(gram for gram, count in companies.items() if count >= (least_pairs if " " in gram else least_words)))


def _grams(contract: Labelled) -> Iterator[str]:
    yield from grams(words_of(contract.transcript.text))
    for clause in contract.clauses:
        for heading in clause.path:
            yield from grams(bare_heading(heading).split())


def compressed(meanings: Floats, plan: Plan) -> Floats:
    """The principal components of the meanings, as wide as the plan says, spread as embeddings start out."""
    centred = meanings - meanings.mean(axis=0)
    _, _, axes = np.linalg.svd(centred[::4], full_matrices=False)
    narrow = centred @ axes[: plan.dimensions].T
    return np.ascontiguousarray(narrow * (plan.spread / narrow.std()), dtype=np.float32)


class _Model(nn.Module):
    """The same computation as `Net.logits`, with dropout and gradients."""

    def __init__(self, start: Floats, types: int, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self.embedding = nn.EmbeddingBag.from_pretrained(torch.from_numpy(start), freeze=False, mode="sum", sparse=True)
        self.inner = nn.Linear(6 * plan.dimensions + SHAPE, plan.hidden)
        self.outer = nn.Linear(plan.hidden + plan.dimensions, types)
        nn.init.constant_(self.outer.bias, -4)

    def forward(self, reading: Reading) -> Tensor:
        own = self._embed(reading.words)
        headings = self._embed(reading.headings) * self._headed()
        clause_of = torch.from_numpy(reading.clause_of)
        sizes = torch.bincount(clause_of, minlength=len(headings)).clamp(min=1).sqrt()[:, None]
        clauses = torch.zeros_like(headings).index_add(0, clause_of, own) / sizes
        edge = torch.zeros_like(own[:1])
        around = [torch.cat([edge, own[:-1]]), torch.cat([own[1:], edge]), clauses[clause_of], headings[clause_of]]
        seen = torch.cat([own, *around, own.mean(0, keepdim=True).expand_as(own), torch.from_numpy(reading.shape)], dim=1)
        hidden = functional.relu(self.inner(self._dropped(seen, self.plan.dropout / 2)))
        dropout = self.plan.dropout
        out: Tensor = self.outer(torch.cat([self._dropped(hidden, dropout), self._dropped(own, dropout)], dim=1))
        return out

    def _headed(self) -> float:
        return float(not self.training or torch.rand(()).item() >= self.plan.unheaded)

    def _dropped(self, values: Tensor, share: float) -> Tensor:
        return functional.dropout(values, share, self.training)

    def _embed(self, bags: Bags) -> Tensor:
        ids, starts = _thinned(bags, self.plan.word_dropout) if self.training else (bags.ids, bags.starts)
        sums: Tensor = self.embedding(torch.from_numpy(ids), torch.from_numpy(starts[:-1]))
        kept = 1 - self.plan.word_dropout if self.training else 1.0
        counts = torch.from_numpy(np.diff(bags.starts)).clamp(min=1).float()
        return sums / (kept * counts.sqrt()[:, None])


def _thinned(bags: Bags, share: float) -> tuple[Ints, Ints]:
    """The bags with a share of their n-grams left out by chance."""
    kept = torch.rand(len(bags.ids)).numpy() >= share
    return bags.ids[kept], np.concatenate([[0], np.cumsum(kept)])[bags.starts]


def train_net(
    lessons: Sequence[Lesson],
    vocabulary: Vocabulary,
    meanings: Floats,
    types: Sequence[str],
    plan: Plan,
    written: Sequence[Lesson] = (),
) -> Net:
    """Train on contracts and what their sentences are, with written clauses among them.

    `meanings` has a row an n-gram of the vocabulary, from which its embedding starts.
    """
    torch.manual_seed(plan.seed)
    model = _Model(compressed(meanings, plan), len(types), plan)
    steps = plan.epochs * -(-len(lessons) // plan.batch)
    embedding = torch.optim.SparseAdam(model.embedding.parameters(), lr=plan.embedding_rate)
    dense = [*model.inner.parameters(), *model.outer.parameters()]
    layers = torch.optim.AdamW(dense, lr=plan.rate, weight_decay=plan.decay)
    schedules = [
        torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.2, cycle_momentum=False)
        for optimizer, rate in ((embedding, plan.embedding_rate), (layers, plan.rate))
    ]
    chance = np.random.default_rng([plan.seed, 1])
    for batch in _batches(len(lessons), plan):
        model.zero_grad()
        told = [among(lessons[each], _some(written, plan.written, chance), chance) for each in batch]
        losses = [_loss(model(one.reading), one, plan.ranking) for one in told]
        torch.stack(losses).mean().backward()  # type: ignore[no-untyped-call]  # torch leaves this method untyped
        embedding.step()  # type: ignore[no-untyped-call]  # torch leaves this method untyped
        layers.step()
        for schedule in schedules:
            schedule.step()
    return _frozen(model, vocabulary, types)


def _some(written: Sequence[Lesson], count: float, chance: np.random.Generator) -> list[Lesson]:
    return [written[at] for at in chance.integers(0, len(written), size=chance.poisson(count))] if written else []


def _batches(contracts: int, plan: Plan) -> Iterator[list[int]]:
    order = np.random.default_rng(plan.seed)
    for _ in range(plan.epochs):
        shuffled = order.permutation(contracts).tolist()
        yield from (shuffled[start : start + plan.batch] for start in range(0, contracts, plan.batch))


def _loss(logits: Tensor, lesson: Lesson, ranking: float) -> Tensor:
    """Each sentence for itself (cross-entropy), and each contract's right sentences against all of its others (softmax)."""
    marks, doubts = torch.from_numpy(lesson.marks), torch.from_numpy(lesson.doubts)
    known = (~doubts).float()
    alone = functional.binary_cross_entropy_with_logits(logits, marks, weight=known, reduction="sum") / 100
    present = marks.any(dim=0)
    if not present.any():
        return alone
    shares = torch.log_softmax(logits[:, present].masked_fill(doubts[:, present], -1e9), dim=0)
    shares = shares.masked_fill(marks[:, present] == 0, -1e9)
    return alone - ranking * torch.logsumexp(shares, dim=0).sum() / 10


def _frozen(model: _Model, vocabulary: Vocabulary, types: Sequence[str]) -> Net:
    def array(tensor: Tensor) -> Floats:
        return tensor.detach().numpy().astype(np.float32)

    return Net(
        types=tuple(types),
        vocabulary=vocabulary,
        embedding=array(model.embedding.weight),
        inner=array(model.inner.weight.T),
        inner_bias=array(model.inner.bias),
        outer=array(model.outer.weight.T),
        outer_bias=array(model.outer.bias),
    )
