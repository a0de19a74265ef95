import type { Flow, FlowTarget } from './flow.ts'
import { unbracketed } from './hostPort.ts'
import type { Role } from './role.ts'
import type { OwnApp } from './site.ts'

type Apps = Readonly<Record<string, OwnApp>>

/** Redirects within an own app that are followed; apps have one or two on the way to their sign-in, browsers give up at 20. */
export const mostRedirects = 8

/** What an app of one's own plays in a site; connectors, gates and people come to it. */
const appRoles: ReadonlySet<Role> = new Set(['app-8443', 'published-app', 'scim-app'])

/** Whether a flow leads over HTTPS to an app of the site's own: by its role, or because the site file says so. */
export function leadsToOwnApp(flow: Flow, apps: Apps = {}): boolean {
  return flow.target.service === 'https' && (appRoles.has(flow.toRole) || ownAppOf(flow, apps) !== undefined)
}

/**
 * What the site file says of the app that a flow leads to. Of several at one name and port it is the one whose path is the
 * longest that the flow's begins with.
 */
export function ownAppOf({ target }: Pick<Flow, 'target'>, apps: Apps = {}): OwnApp | undefined {
  const there = Object.values(apps).filter(({ url }) => isAt(target, url))
  const [only] = there
  if (target.path === undefined && there.length === 1) return only
  const path = target.path ?? '/'
  return there
    .filter(({ url }) => isUnder(path, pathOf(url)))
    .toSorted((a, b) => pathOf(b.url).length - pathOf(a.url).length)
    .at(0)
}

/** The path that a flow without one is asked at: where the app lives. */
export function appPathOf(flow: Flow, apps: Apps = {}): string | undefined {
  const app = ownAppOf(flow, apps)
  const path = app === undefined ? '/' : pathOf(app.url)
  return path === '/' ? undefined : path
}

function isAt({ name, address, port, plannedPort, service }: FlowTarget, url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname, port: written } = new URL(url)
  const host = unbracketed(hostname)
  return (
    protocol === `${service}:` &&
    (host === name?.toLowerCase() || (name === undefined && host === address)) &&
    Number(written || 443) === (plannedPort ?? port)
  )
}

function isUnder(path: string, app: string): boolean {
  const folder = app.replace(/\/$/, '')
  return path.startsWith(folder) && /^([/?]|$)/.test(path.slice(folder.length))
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : '/'
}
