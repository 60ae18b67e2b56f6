/** What the names of facts mean, for whoever meets them first. */
const meanings: Readonly<Record<string, string>> = {
  'bulk ratio':
    'How far the trusted samples lie from the centre, compared with the class: near 1 when both come from one source. Below 0.95 over most classes the trusted set is refused.',
  k: 'How many of the furthest trusted samples are left aside before counting the samples beyond.',
  tests: 'How many tests were made for the class; the level is divided by them.',
  'smallest visible dose':
    'The smallest poisoned share of the class that is sure to raise an alarm, if all of it lies beyond every trusted sample.',
  silhouette: 'How clearly the two clusters are apart: near 1 clearly, near 0 not at all.',
  'valley depth': 'How empty the gap between the two parts is: 100 % is empty.',
  'mass beyond the valley': 'Share of the class on the far side of the gap.',
  'share of the leading eigenvalue': 'Share of the variance of the class along its leading direction.',
  'bound of the clean share among rows beyond every trusted row':
    'With 95 % confidence no larger share of the samples beyond every trusted one is clean.',
};

/** Names that the decision gives its facts, in the words of the window. */
const words: Readonly<Record<string, string>> = {
  'trusted rows': 'trusted samples of this class',
  'trusted rows that the median flagged row lies beyond':
    'trusted samples that half of the suspects lie beyond',
  'flagged rows beyond every trusted row': 'suspects beyond every trusted sample',
  'bound of the clean share among rows beyond every trusted row':
    'at most so many of those beyond every trusted sample are clean',
};

/** A fact's name as the window says it: rows are samples there. */
function factInWords(name: string): string {
  return words[name] ?? name.replace(/\brows\b/g, 'samples').replace(/\brow\b/g, 'sample');
}

/** The name of a fact, explained on hover where it is a term of the trade. */
export function FactName(props: { readonly name: string }) {
  const meaning = meanings[props.name];
  const name = factInWords(props.name);
  return meaning === undefined ? <>{name}</> : <abbr title={meaning}>{name}</abbr>;
}
