/**
 * Writes docs/reference/false-alarms.md: how often a threshold is passed when nothing has changed, and what is caught
 * when something has. Simulated with fixed seeds; about two minutes of CPU.
 *
 *     node --conditions=@leeway/source scripts/statistics/false-alarms.ts            writes the page
 *     node --conditions=@leeway/source scripts/statistics/false-alarms.ts --check    fails when the page is out of date
 *
 * The check takes some seconds: the page carries a hash of its own text and one of the parameters and of the same tables
 * made from a thousandth of the windows, so it notices an edited page and statistics that changed, not a comment.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LAW_PARAMETERS, lawTables } from './law-tables.ts';
import { thousands } from './markdown.ts';
import { METRIC_PARAMETERS, metricTable } from './metric-tables.ts';
import { PEER_PARAMETERS, peerTable, redHours } from './peer-tables.ts';
import { bandTable, monthTable, POWER_PARAMETERS, powerTable, probe, thresholdTable } from './power-tables.ts';

const PAGE = fileURLToPath(new URL('../../docs/reference/false-alarms.md', import.meta.url));
/** Windows of the check, as a share of those of the page. */
const CHECK_SCALE = 0.001;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

function body(scale: number): string {
  const features = `${POWER_PARAMETERS.alarmCount} features, evaluated every 5 minutes`;
  return `# False alarms and power

Simulated by \`scripts/statistics/false-alarms.ts\`, with fixed seeds. Rows are independent; where a stream is
autocorrelated it has fewer independent rows than n, and a reference with a time column widens the thresholds by its
own block band.

## The law that the thresholds rest on

With k cells, n rows in the window and N in the reference, PSI / (1/n + 1/N) follows the noncentral χ² law with k − 1
degrees of freedom and noncentrality δ / (1/n + 1/N), δ being the true PSI. Whole counts make its tail longer where cells
have few rows, so cells that are expected to have fewer than 5 are joined, and the law is moved and stretched by what the
Poisson counts of the cells add to its mean, spread and skewness (packages/engine/src/signal/cell-noise.ts).

The numbers are the measured share of windows at or beyond the threshold of α, divided by α: 1 is exact, below 1 is
cautious. ${thousands(LAW_PARAMETERS.windowCount)} windows a row, so at α = 1e-4 forty windows make 1.00 (± 0.3 in
95 of 100 rows). The last column is what the law gives without the correction.
Without drift no row is far above 1. At a drift of 0.3 σ and 200 rows the law, corrected or not, is some 1.7 times too
lax at 1e-4: only critical levels and references with a block band rest on it there.

${lawTables(scale)}

Half as many windows a row in the second table. Where cells are joined, a threshold is cautious at a lax α: it lies above
what one thin cell does alone.

The other metrics, at α = ${METRIC_PARAMETERS.alphas.map((alpha) => alpha.toExponential(0)).join(' / ')}. Their thresholds continue a tabulated .99 quantile by a bound.
That is cautious far out on the whole: no row is above 1.02 at 1e-3, and the mean of all is 0.4 at 1e-4. Not everywhere:
with whole numbers and 200 rows W1/σ stands at 2.20 at 1e-4, which is eleven windows (an exact threshold gives that many
in one row of 70), and at 1e-2, where the bound does not begin yet, Chebyshev stands at 1.37 and W1/σ at 1.20. ${thousands(METRIC_PARAMETERS.windowCount)} windows a row: at
1e-4 five windows make 1.00, and 98 of 100 exact rows lie between 0.20 and 2.00.

${metricTable(scale)}

## Thresholds

${features}, at most one false alarm in 30 days: α = ${(1 / 172_800).toExponential(1)} a test. No block band; the reference has
${thousands(POWER_PARAMETERS.referenceSize)} rows. Warning: the data exclude that nothing has changed, and PSI is at least 0.1. Critical: they exclude
that the true PSI is only 0.1, and it is at least 0.25.

${thresholdTable()}

False alarms of such a model in 30 days, every evaluation counted for itself and as if its rows were new (windows that
overlap alarm together, in fewer and longer spells):

${monthTable(scale)}

## Power

Share of single windows that reach warning / critical, at the same budget. ${thousands(POWER_PARAMETERS.windowCount)} windows each; a normal column in its
reference's deciles. A drift that is below the margin stays a score without an alarm: that is a choice, and the margin
can be set to 0.

${powerTable(scale)}

A reference with a time column has a block band, which is 0 or nearly so when it stands still. Warning at a shift of 0.5 σ,
${POWER_PARAMETERS.referenceCount} references a row:

${bandTable(scale)}

## Other methods at their usual thresholds, nothing has changed

Share of windows that alarm. Reference ${thousands(PEER_PARAMETERS.referenceSize)} rows, window n rows, both standard normal; ${thousands(PEER_PARAMETERS.windowCount)} windows each. The methods
are reproduced exactly (packages/engine/src/compare/compat).

${peerTable(scale)}

Hourly KS tests at p < .05 on ${PEER_PARAMETERS.featureCount} stable features make ${redHours(scale)} of hours red.
`;
}

/** Changes with the parameters and with what the statistics give, not with comments. */
function fingerprint(): string {
  const parameters = JSON.stringify([LAW_PARAMETERS, METRIC_PARAMETERS, POWER_PARAMETERS, PEER_PARAMETERS]);
  return sha256(parameters + probe() + body(CHECK_SCALE));
}

const header = (text: string): string =>
  `<!-- Generated by scripts/statistics/false-alarms.ts; do not edit. made-from ${fingerprint()} text ${sha256(text)} -->\n`;

/** Why the committed page is out of date; undefined when it is not. */
export function staleReason(): string | undefined {
  const page = readFileSync(PAGE, 'utf8');
  const [first, text] = [page.slice(0, page.indexOf('\n') + 1), page.slice(page.indexOf('\n') + 1)];
  if (!first.includes(`text ${sha256(text)} `)) return 'its text was edited by hand';
  if (!first.includes(`made-from ${fingerprint()} `)) return 'its parameters or the statistics have changed';
  return undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--check')) {
    const reason = staleReason();
    if (reason !== undefined) console.error(`docs/reference/false-alarms.md is out of date: ${reason}`);
    process.exitCode = reason === undefined ? 0 : 1;
  } else {
    const text = body(1);
    writeFileSync(PAGE, header(text) + text);
  }
}
