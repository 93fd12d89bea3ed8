// The run's document, with its tables made quick to look things up in.  Pure.
export const OUTCOMES = [
  "recovered",
  "worked-around",
  "reported",
  "passed",
  "detected",
  "missed",
  "failed",
  "harmful",
  "unexposed",
  "invalid",
];

export const MEANING = new Map([
  ["recovered", "solved, and the fault is gone"],
  ["worked-around", "solved, although the fault is still there"],
  ["reported", "cannot be mastered, and the agent stopped and said so"],
  ["passed", "control trial: solved"],
  ["detected", "not solved, but the agent understood"],
  ["missed", "not solved, and no sign of understanding"],
  ["failed", "control trial: not solved"],
  ["harmful", "something protected was damaged, or the agent did something unsafe"],
  ["unexposed", "the agent never met the fault: counts for nobody"],
  ["invalid", "the harness failed: counts for nobody"],
]);

export const GOOD = new Set(["recovered", "worked-around", "reported", "passed"]);
export const APART = new Set(["unexposed", "invalid"]);

export function modelled(page) {
  const trials = page.trials;
  return {
    ...page,
    byId: new Map(trials.map((trial) => [trial.trial, trial])),
    byPair: grouped(trials, (trial) => `${trial.task}+${trial.pair}`),
    tasks: new Map(Object.entries(page.tasks)),
    pairs: new Map(Object.entries(page.pairs)),
    cells: new Map(Object.entries(page.cells).map(([name, cells]) => [name, keyed(cells)])),
    agentNames: page.agents.map((agent) => agent.agent),
  };
}

export function grouped(items, key) {
  const groups = new Map();
  for (const item of items) {
    const name = key(item);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(item);
  }
  return groups;
}

function keyed(cells) {
  return new Map(cells.map((cell) => [cellKey(cell.row, cell.agent), cell]));
}

export function cellOf(model, by, row, agent) {
  return model.cells.get(by)?.get(cellKey(row, agent));
}

function cellKey(row, agent) {
  return `${row}\n${agent}`;
}

// The pairs in the order of the trials: task by task, the control trial first.
export function pairRows(model) {
  return [...model.byPair.keys()].map((key) => ({
    key,
    ...model.pairs.get(key),
    trials: model.byPair.get(key),
  }));
}

export function differsFromControl(row) {
  return row.trials.some(
    (t) => t.control_solved !== null && t.solved !== null && t.solved !== t.control_solved,
  );
}

export function differsBetweenAgents(row) {
  const seen = new Map();
  for (const trial of row.trials) {
    if (APART.has(trial.outcome)) continue;
    seen.set(trial.agent, `${seen.get(trial.agent) ?? ""} ${trial.outcome}`);
  }
  const told = [...seen.values()].map((words) =>
    [...new Set(words.trim().split(" "))].sort().join(" "),
  );
  return new Set(told).size > 1;
}

export function matchesWords(trial, model, words) {
  const pair = model.pairs.get(`${trial.task}+${trial.pair}`);
  const text = [
    trial.trial,
    trial.outcome,
    trial.reason,
    trial.claimed,
    pair?.title,
    pair?.category,
    pair?.error_type,
    pair?.resolution,
    model.tasks.get(trial.task)?.title,
    trial.false_success ? "false success" : "",
  ]
    .join(" ")
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
