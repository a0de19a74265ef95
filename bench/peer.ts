import { findProgram } from '../test/needs.ts'
import programs from './needs.json' with { type: 'json' }

/** Programs that Postern is measured beside; `scripts/install-debian.sh --bench` installs them. */
export type Peer = keyof typeof programs

/** @returns the program's path; undefined when it is missing, which is said with the way to get it */
export function findPeer(peer: Peer): string | undefined {
  const path = findProgram(programs[peer].commands, process.env)
  if (path === undefined) {
    process.stdout.write(
      `  without ${peer}, which is not installed: sudo bash scripts/install-debian.sh --bench (Debian package ${programs[peer].package})\n`,
    )
  }
  return path
}
