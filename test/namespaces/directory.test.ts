/**
 * `postern check` as a process against a domain controller that is not ours: Samba and chronyd in a machine of the routed
 * network.
 */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { after, before, describe, test } from 'node:test'
import { told } from '../faultTold.ts'
import type { Program } from '../needs.ts'
import { installed, needs, needsRoot } from '../needs.ts'
import { servedPorts } from '../samba/domain.ts'
import { otherControllers } from './controllerRows.ts'
import type { DirectoryTools } from './directory.ts'
import { openDirectory } from './directory.ts'
import { directoryPaths } from './directoryPaths.ts'
import { directoryFaults, directoryOddities, healthyDirectory } from './directoryRows.ts'
import { directorySiteText } from './directorySite.ts'
import { lackingOf } from './features.ts'
import { forbidden, isForbidden } from './forbidden.ts'
import { useDirectory } from './plainDirectory.ts'
import { play } from './play.ts'
import type { Rig } from './rig.ts'

/** Rows mostly wait: several networks at a time, each with a controller, shorten that. */
const networks = 3
const free: Rig[] = []
/** There is none though the programs are there: a container may keep the right from root. */
let mayNot = false

function toolsBy(find: (program: Program) => string | undefined): DirectoryTools | undefined {
  const [ip, nft, faketime] = [find('ip'), find('nft'), find('faketime')]
  const [samba, chronyd] = [find('samba'), find('chronyd')]
  return ip && nft && faketime && samba && chronyd ? { ip, nft, samba, chronyd } : undefined
}

before(async () => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return
  const tools = toolsBy(installed)
  if (tools === undefined) return
  try {
    const opened = await Promise.allSettled(Array.from({ length: networks }, () => openDirectory(tools)))
    free.push(...opened.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])))
    const failed = opened.find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  } catch (error) {
    if (process.env['CI'] === 'true' || !isForbidden(error)) throw error
    mayNot = true
  }
})

after(async () => {
  for (const rig of free) await rig.close()
})

/** The programs, where there can be a network; otherwise the test has been marked as left out. */
function toolsFor(t: TestContext): DirectoryTools | undefined {
  const tools = toolsBy((program) => needs(t, program))
  if (tools === undefined || !needsRoot(t)) return undefined
  if (!mayNot) return tools
  t.skip(forbidden)
  return undefined
}

/** Does something in a network with its controller, unless what that takes is missing here. */
async function withDirectory(t: TestContext, act: (rig: Rig) => Promise<void>): Promise<void> {
  const tools = toolsFor(t)
  if (tools === undefined) return
  const rig = free.pop() ?? (await openDirectory(tools))
  try {
    await act(rig)
    free.push(rig)
  } catch (error) {
    // What a failed row has left behind goes with its network; the next one gets another.
    await rig.close()
    throw error
  }
}

describe('a network with a domain controller', { concurrency: networks }, () => {
  test('clients of a domain are served: Kerberos, LDAP over TLS, SMB, RPC and the time', async (t) => {
    const [kinit, ldapsearch, chronyd] = [needs(t, 'kinit'), needs(t, 'ldapsearch'), needs(t, 'chronyd')]
    const [smbclient, rpcclient] = [needs(t, 'smbclient'), needs(t, 'rpcclient')]
    if (!kinit || !ldapsearch || !chronyd || !smbclient || !rpcclient) return
    await withDirectory(t, async (rig) => {
      const said = await useDirectory(rig, { kinit, ldapsearch, smbclient, rpcclient, chronyd })
      for (const over of ['dgram', 'stream']) assert.match(said.kinit, new RegExp(`Received answer .* from ${over} `))
      assert.match(said.kinit, /Storing Administrator@CORP\.EXAMPLE -> krbtgt\/CORP\.EXAMPLE@CORP\.EXAMPLE in /)
      assert.match(
        said.ldapsearch,
        /^dn: CN=DC1,OU=Domain Controllers,DC=corp,DC=example\ndNSHostName: dc1\.corp\.example$/m,
      )
      assert.match(said.smbclient, /^ +corp\.example +D /m)
      assert.match(said.rpcclient, /^user:\[Administrator\] rid:\[0x1f4\]$/m)
      assert.match(said.chronyd, /System clock wrong by -?0\.\d+ seconds \(ignored\)/)
    })
  })

  test('a domain controller in order has no findings, and each flow is proven by its own protocol', async (t) => {
    await withDirectory(t, async (rig) => {
      const { flows } = await play(rig, healthyDirectory, directorySiteText)
      for (const flow of flows) {
        assert.deepEqual([flow.verdict, flow.confidence], ['open', 'certain'], told(flow))
      }
      const ports = new Set(flows.filter(({ target }) => target.transport === 'tcp').map(({ target }) => target.port))
      assert.deepEqual(
        servedPorts.filter((port) => !ports.has(port)),
        [],
      )
    })
  })

  for (const row of [...directoryPaths, ...directoryFaults, ...directoryOddities]) {
    test(`${row.id}: ${row.breaks}`, async (t) => {
      await withDirectory(t, async (rig) => {
        const lacking = await lackingOf(rig, row.needs ?? [])
        if (lacking.length > 0) t.skip(`this kernel lacks: ${lacking.join(', ')}`)
        else await play(rig, row, directorySiteText)
      })
    })
  }

  for (const { title, wishes, rows } of otherControllers) {
    test(`a controller ${title}`, async (t) => {
      const tools = toolsFor(t)
      if (tools === undefined) return
      const rig = await openDirectory(tools, wishes)
      try {
        for (const row of rows) {
          await t.test(`${row.id}: ${row.breaks}`, async () => void (await play(rig, row, directorySiteText)))
        }
      } finally {
        await rig.close()
      }
    })
  }
})
