/** Who may import whom: ARCHITECTURE.md, "Folders". A module outside these folders is itself an error. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from, pathNot: '\\.test\\.tsx?$' },
  to: { path: '^(electron|native-workers|renderer|test|scripts)/', pathNot: [from, ...allowed] },
});

module.exports = {
  forbidden: [
    {
      // A task's orchestration names the type of the task table that the task stands in: erased before anything loads.
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'not-resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('contract-imports-nothing-of-ours', '^electron/contract/', []),
    {
      name: 'contract-imports-zod-alone',
      severity: 'error',
      from: { path: '^electron/contract/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypesNot: ['local'], pathNot: ['^electron/contract/', 'node_modules/zod/'] },
    },
    only('native-workers-stand-alone', '^native-workers/', []),
    only('renderer-knows-the-contract-alone', '^renderer/', ['^electron/contract/']),
    only('main-knows-the-contract-and-supervisor', '^electron/main/', [
      '^electron/contract/',
      '^electron/supervisor/',
    ]),
    only('supervisor-knows-the-contract-alone', '^electron/supervisor/', ['^electron/contract/']),
    only('preload-knows-the-contract-alone', '^electron/preload/', ['^electron/contract/']),
    only('engine-knows-contract-and-workers', '^electron/engine/', [
      '^electron/contract/',
      '^native-workers/',
    ]),
    only('cli-knows-engine-and-contract', '^electron/cli/', [
      '^electron/engine/',
      '^electron/contract/',
      '^electron/serve/',
    ]),
    only('serve-knows-engine-and-contract', '^electron/serve/', [
      '^electron/engine/',
      '^electron/contract/',
      '^electron/supervisor/',
    ]),
    {
      name: 'sql-only-in-case',
      severity: 'error',
      from: { path: '^(electron|native-workers|renderer)/', pathNot: '^electron/engine/case/' },
      to: { path: 'better-sqlite3' },
    },
    {
      name: 'workers-open-no-files',
      severity: 'error',
      from: { path: '^native-workers/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(node:)?(fs|fs/promises|net|http|https|child_process)$' },
    },
    {
      name: 'views-do-not-know-each-other',
      severity: 'error',
      from: { path: '^renderer/views/([^/]+)/' },
      to: { path: '^renderer/views/', pathNot: '^renderer/views/$1/' },
    },
    {
      name: 'scatter-knows-no-react',
      severity: 'error',
      from: { path: '^renderer/scatter/' },
      to: { path: 'node_modules/react' },
    },
    {
      name: 'no-dumping-grounds',
      severity: 'error',
      from: {},
      to: { path: '(^|/)(utils?|helpers?|common|misc|manager)(/|\\.tsx?$)', pathNot: 'node_modules' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
