import type { ToldIdentity } from './sampleApp.ts'

interface Part {
  readonly path: string
  readonly title: string
  readonly says: string
  /** What the gate asks for before it lets anybody here. */
  readonly asks: string
}

/** The pages of the app. What each is open for is decided by the routes of the gate. */
const parts: readonly Part[] = [
  { path: '/', title: 'Welcome', says: 'This page is open to everybody.', asks: 'open to everybody' },
  { path: '/team', title: 'Team', says: 'Whoever has signed in sees this page.', asks: 'needs a sign-in' },
  {
    path: '/admin',
    title: 'Administration',
    says: 'Only who has the app role Admin sees this page.',
    asks: 'needs the app role Admin',
  },
  {
    path: '/vault',
    title: 'Vault',
    says: 'This page needs a stronger sign-in, and you had one.',
    asks: 'needs a stronger sign-in (authentication context c1)',
  },
]

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** One page of the app. */
export function samplePage(path: string, who: ToldIdentity): string {
  const part = parts.find((one) => one.path === path) ?? { path, title: 'Sample', says: '', asks: '' }
  const links = parts.map((one) => {
    const here = one.path === path ? ' aria-current="page"' : ''
    return `<li><a href="${one.path}"${here}>${one.title}</a>: <span>${one.asks}</span></li>`
  })
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${part.title} · Sample app</title><link rel="stylesheet" href="/style.css"><script src="/script.js" defer></script></head>
<body><header><p>Sample app behind the gate</p></header>
<main><h1>${part.title}</h1><p>${part.says}</p>
<h2>What the gate says of you</h2>${whoTable(who)}
<h2>Pages</h2><ul>${links.join('')}</ul>
<h2>Live</h2><p>A WebSocket through the gate, for whoever has signed in: <output id="socket">not open</output></p>
<p><button type="button" id="open">Open a WebSocket</button></p>
<p>${
    who.kind === 'nobody'
      ? '<a class="button" href="/.postern/sign-in">Sign in</a>'
      : '<a class="button" href="/.postern/sign-out">Sign out</a>'
  }</p>
</main></body></html>
`
}

function whoTable({ kind, name, tenant, objectId, roles }: ToldIdentity): string {
  if (kind === 'nobody') return '<p>Nobody has signed in.</p>'
  const rows: readonly (readonly [string, string])[] = [
    ['Name', name],
    ['Kind', kind],
    ['Tenant id', tenant],
    ['Object id', objectId],
    ['App roles', roles === '' ? 'none' : roles],
  ]
  return `<dl>${rows.map(([term, value]) => `<dt>${term}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>`
}

export const sampleStyle = `:root{color-scheme:light dark;--line:#d5dae0;--link:#0a5aa8;--quiet:#55606c}
@media (prefers-color-scheme:dark){:root{--line:#3a424d;--link:#86bdff;--quiet:#a9b3bf}}
body{margin:0;font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
header{border-bottom:1px solid var(--line);padding:12px 20px;color:var(--quiet)}
header p{margin:0 auto;max-width:44rem}
main{max-width:44rem;margin:0 auto;padding:16px 20px}
h1{font-size:1.75rem;line-height:1.2}h2{font-size:1.125rem;margin-top:2rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 20px;margin:0}dt{color:var(--quiet)}dd{margin:0;font-family:ui-monospace,monospace}
ul{padding-left:1.2rem}li span{color:var(--quiet)}a{color:var(--link)}
button,.button{font:inherit;padding:6px 14px;border:1px solid var(--line);border-radius:6px;background:transparent;color:inherit;text-decoration:none;cursor:pointer}
a:focus-visible,button:focus-visible{outline:3px solid var(--link);outline-offset:2px}
@media (max-width:30rem){dl{grid-template-columns:1fr}dt{margin-top:8px}}
`

export const sampleScript = `const said = document.getElementById('socket')
document.getElementById('open').addEventListener('click', () => {
  const socket = new WebSocket(new URL('/live/socket', location.href.replace(/^http/, 'ws')))
  said.textContent = 'opening'
  socket.addEventListener('open', () => { said.textContent = 'open' })
  socket.addEventListener('close', () => { said.textContent = said.textContent === 'open' ? 'ended' : 'refused' })
})
`
