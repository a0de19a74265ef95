import type { Reader } from '../../reader.ts'
import { countStatements } from '../../text/statements.ts'
import { compileDevice } from './compileDevice.ts'
import { readLines } from './readLines.ts'
import type { Device } from './tables.ts'

/**
 * Reads what `iptables-save` and `ip6tables-save` write, by whichever back end, and what `iptables -S` and scripts of
 * `iptables` commands say (iptables-save(8), iptables-extensions(8)). The files of both families are one device: of a
 * family without a file nothing is said.
 */
export const read: Reader = (files, hints) => {
  const statements = countStatements()
  const device: Device = { families: new Map(), doubts: [], statements }
  for (const file of files) readLines(file, device)
  const ruleSet = compileDevice(device, files[0]?.name ?? 'iptables', hints)
  const isEmpty = device.families.size === 0 && device.doubts.length === 0
  return { ruleSets: isEmpty ? [] : [ruleSet], coverage: statements.coverage() }
}

export { write } from './write.ts'
