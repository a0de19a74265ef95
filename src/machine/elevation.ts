import type { Limits } from '../net/net.ts'
import type { Means } from './means.ts'

/**
 * Integrity levels of a Windows token by the last part of their SID (MS-DTYP §2.4.2.4): an administrator who was not asked
 * (User Account Control) has the medium one.
 */
const levels = /\bS-1-16-(\d{1,5})\b/
const high = 12_288

/** Whether this process of Windows has the rights of an administrator; undefined where that is not told. */
export async function isElevated({ run }: Pick<Means, 'run'>, limits: Limits): Promise<boolean | undefined> {
  // The groups are named in the language of the system, their SIDs are not.
  const ran = await run('whoami', ['/groups', '/fo', 'csv', '/nh'], limits)
  const level = ran.kind === 'ran' && ran.exitCode === 0 ? levels.exec(ran.stdout)?.[1] : undefined
  return level === undefined ? undefined : Number(level) >= high
}
