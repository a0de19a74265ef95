import type { RootRow } from '../catalog/index.ts'
import { rootRows } from '../catalog/index.ts'
import type { Fingerprints } from '../net/platformRoots.ts'
import type { Look } from './look.ts'
import { limits, ok, unknown } from './look.ts'

/** Roots that chains of Microsoft's services end in and whose thumbprint is published. */
export const publishedRoots: readonly RootRow[] = rootRows.filter(
  ({ status, sha1, sha256 }) => status === 'current' && (sha1 !== undefined || sha256 !== undefined),
)

function holds(store: readonly Fingerprints[], { sha1, sha256 }: RootRow): boolean {
  return store.some((one) => one.sha1.replaceAll(':', '') === sha1 || one.sha256.replaceAll(':', '') === sha256)
}

/** Which of the roots that Microsoft publishes stand in the stores of this machine. */
export const trustStores: Look = {
  id: 'trust-stores',
  group: 'trust',
  title: 'trust stores',
  async look({ platform, roots }) {
    const { node, machine } = roots()
    const rows = publishedRoots.map((root) => ({ root, inNode: holds(node, root), inMachine: holds(machine, root) }))
    // A root that another has signed as well is reached through that one.
    const needed = rows.filter(({ root }) => root.crossSignedBy === undefined)
    const lacking = needed.filter(({ inMachine }) => !inMachine).map(({ root }) => root.name)
    const lackingInNode = needed.filter(({ inNode }) => !inNode).map(({ root }) => root.name)
    const lackingRows = rows.filter(({ inMachine, inNode }) => !inMachine || !inNode)
    const table = {
      columns: ['root that a store lacks', 'this machine', 'Node'],
      rows: lackingRows.map(({ root, inMachine, inNode }) => [
        root.crossSignedBy === undefined ? root.name : `${root.name} (or by way of ${root.crossSignedBy})`,
        inMachine ? 'held' : 'missing',
        inNode ? 'held' : 'missing',
      ]),
    }
    const rest = {
      ...(lackingRows.length > 0 && { table }),
      figures: {
        machineRoots: machine.length,
        nodeRoots: node.length,
        missingInMachine: lacking,
        missingInNode: lackingInNode,
      },
    }
    if (machine.length === 0) {
      return unknown('this machine’s store could not be read, or is empty', {
        ...rest,
        next: 'on Debian: install ca-certificates',
      })
    }
    const nodeWords =
      lackingInNode.length === 0 ? 'Node’s own holds them too' : `${lackingInNode.length} are not in Node’s own`
    if (lacking.length === 0) {
      return ok(`this machine’s store holds the ${needed.length} roots that Entra’s chains end in; ${nodeWords}`, rest)
    }
    if (platform === 'win32') {
      return unknown(
        `${lacking.length} of ${needed.length} roots are not in the store yet: ${lacking.join(', ')}; Windows fetches a root when a chain first needs it`,
        { ...rest, next: 'allow http://ctldl.windowsupdate.com, from which Windows fetches roots' },
      )
    }
    return limits(
      `${lacking.length} of ${needed.length} roots that Entra’s chains end in are missing in this machine’s store: ${lacking.join(', ')}`,
      'update the store of the operating system (Debian: apt-get install --only-upgrade ca-certificates)',
      rest,
    )
  },
}
