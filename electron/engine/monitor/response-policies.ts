import type { AlertKind } from '../../contract/alerts.ts';

/** A step of a response: what is done, and why and how. */
export interface ResponsePolicy {
  readonly id: string;
  readonly title: string;
  readonly advice: string;
}

const readRequests: ResponsePolicy = {
  id: 'read-requests',
  title: 'Look at the requests',
  advice:
    'Read the first hundred of the ranked requests and the subgroup. Write down what they share and whether anybody expected them.',
};
const raiseSampling: ResponsePolicy = {
  id: 'raise-sampling',
  title: 'Raise the sampling',
  advice:
    'Keep every request of the named class or subgroup, with its input, until the alert is closed: later evidence is only as good as what was kept.',
};
const collectLabels: ResponsePolicy = {
  id: 'collect-labels',
  title: 'Collect labels',
  advice:
    'Have people label a random hundred requests of the named class and a hundred of the others from the same hours. Random, not ranked: only then is their error rate the model’s.',
};
const quarantine: ResponsePolicy = {
  id: 'quarantine',
  title: 'Quarantine the model version',
  advice:
    'Take this version out of every route that decides by itself. Keep its weights, its training data and its log: they are evidence.',
};
const fallback: ResponsePolicy = {
  id: 'fallback',
  title: 'Switch to the fallback',
  advice:
    'Answer the named class or subgroup by the fallback (an older model, a rule, a person) while the question is open.',
};
const rollBack: ResponsePolicy = {
  id: 'roll-back',
  title: 'Roll back',
  advice:
    'Serve the last version whose own baseline holds, and monitor it against that baseline: a backdoor that came with the data is in every version trained on them.',
};
const block: ResponsePolicy = {
  id: 'block-subgroup',
  title: 'Hold the subgroup back',
  advice:
    'Rate-limit or hold the clients that the subgroup names. Tell the attacker nothing: the answer that they get should look as before.',
};
const scanTraining: ResponsePolicy = {
  id: 'scan-training',
  title: 'Scan the training data',
  advice:
    'Drop the activations and records of this version on Bezoar and scan the class that the alert names: a trigger that works in production was planted there.',
};
const retrain: ResponsePolicy = {
  id: 'retrain',
  title: 'Retrain',
  advice:
    'Retrain when the collected labels show an accuracy below the baseline’s interval on two days of three, or after the poison is confirmed and removed. Make a new baseline from the first four quiet weeks.',
};
const newBaseline: ResponsePolicy = {
  id: 'new-baseline',
  title: 'Make a new baseline',
  advice:
    'If the change is known and wanted (a release, a season, a new client), close the alert with that reason and make a baseline of the time since.',
};
const checkReleases: ResponsePolicy = {
  id: 'check-releases',
  title: 'Hold it against the releases',
  advice:
    'Compare the onset with releases of the model, of the client and of the pipeline before it. A step within an hour of one needs no attacker.',
};
const checkHost: ResponsePolicy = {
  id: 'check-host',
  title: 'Look at the machines',
  advice:
    'Compare with the load, the queue and the neighbours of the same machines. What is slow for every model is not this one’s doing.',
};
const checkPipeline: ResponsePolicy = {
  id: 'check-pipeline',
  title: 'Mend the log',
  advice:
    'Find what stopped or changed in the writing of the log. What is missing cannot be judged, and silence hides an attack as well as an outage does.',
};

/** The usual steps for each kind of alert, in the order in which they are done. */
export const responsePolicies: Readonly<Record<AlertKind, readonly ResponsePolicy[]>> = {
  'attack-like': [
    readRequests,
    raiseSampling,
    quarantine,
    fallback,
    block,
    rollBack,
    collectLabels,
    scanTraining,
    retrain,
  ],
  drift: [readRequests, checkReleases, raiseSampling, collectLabels, fallback, retrain, newBaseline],
  performance: [checkReleases, checkHost, collectLabels, rollBack, retrain, newBaseline],
  quality: [checkPipeline, checkReleases, raiseSampling, newBaseline],
};
