import type { HeldAgainstWire } from '../audit/onWire.ts'
import { onWire } from '../audit/onWire.ts'
import type { LoadedSite } from '../config/index.ts'
import type { AuditReport } from '../model/auditReport.ts'
import type { CheckReport } from '../model/report.ts'
import type { Site } from '../model/site.ts'
import { checkReportFrom } from './checkReportFrom.ts'
import type { AuditSaying } from './runAudit.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'

/** The check that an audit is held against. */
export interface CheckBeside {
  readonly file: string
  readonly report: CheckReport
  readonly site: Site
}

/**
 * Reads the report of the check that an audit is to be held against.
 *
 * @param others what else is read, of which only one may be the standard input
 * @throws UsageError where there is no site whose flows the two could share, or no report
 */
export async function checkBeside(
  file: string,
  others: readonly string[],
  loaded: LoadedSite | undefined,
  shell: Shell,
): Promise<CheckBeside> {
  if (loaded === undefined) {
    throw new UsageError('--with: a check is joined to the flows of a site: name its site file with --site')
  }
  if (file === '-' && others.includes('-')) {
    throw new UsageError('postern audit: only one of FILE, --site and --with can be -, name files for the others')
  }
  return { file, report: await checkReportFrom(file, '--with', shell), site: loaded.site }
}

/** Holds an audit against its check, and says what the reader has to know of that before it is believed. */
export function heldAgainst(
  { file, report, site }: CheckBeside,
  audit: Pick<AuditReport, 'flows' | 'startedAt'>,
  { note }: AuditSaying,
): HeldAgainstWire {
  const held = onWire(audit, report, file, site)
  const { isOld, ageDays, from, both } = held.wire
  if (isOld) note(`${file} is old: its check was made ${ageDays} days ago, and what has changed since shows as well`)
  if (ageDays < 0) note(`${file} is of a check that began after this audit, by its clock`)
  if (report.interrupted) note(`${file} is of a check that was stopped before its end`)
  if (report.site !== site.site) note(`${file} is of the site ${report.site}, and this is an audit of ${site.site}`)
  if (both === 0) note(`${file} and this audit have no flow in common: the check was made as ${from}`)
  return held
}
