import type { CheckReport } from '../../model/report.ts'
import { checkBody, checkTitle } from './checkHtml.ts'
import { checkHtmlPage, servedPolicy } from './checkHtmlPage.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'

/**
 * Asks the server for the page again and puts a newer report in the place of the old one. What the reader has opened,
 * filtered, focused or scrolled to stays; while text is selected the newer report waits. Without it the page is whole
 * and stands still.
 */
const script = `
'use strict'
const everyMs = 2000
const when = document.getElementById('live-when')
const news = document.getElementById('live-news')
const say = (place, text) => { if (place.textContent !== text) place.textContent = text }
const clock = () => new Date().toTimeString().slice(0, 8)
let updated = 'Updated ' + clock() + '.'
say(when, updated)

const own = (name, value) => '[' + name + '="' + CSS.escape(value) + '"]'
const pathTo = (element) => {
  if (!element || element === document.body) return undefined
  if (element.id) return '#' + CSS.escape(element.id)
  if (element.dataset.flow) return element.localName + own('data-flow', element.dataset.flow)
  if (element.hasAttribute('href')) return 'a' + own('href', element.getAttribute('href'))
  return undefined
}
const firstInView = () =>
  [...document.querySelectorAll('main [data-flow], main h2')].find((one) => one.getBoundingClientRect().top >= 0)

function put(next) {
  const open = [...document.querySelectorAll('details[open] > summary')].map(pathTo).filter(Boolean)
  const chosen = [...document.querySelectorAll('input:checked')].map(pathTo).filter(Boolean)
  const focused = pathTo(document.activeElement)
  const anchor = window.scrollY > 0 ? firstInView() : undefined
  const anchored = pathTo(anchor)
  const top = anchor ? anchor.getBoundingClientRect().top : 0
  const said = document.querySelector('.headline')?.textContent
  for (const part of ['header', 'nav', 'main']) {
    const old = document.querySelector(part)
    const fresh = next.querySelector(part)
    if (old && fresh && old.innerHTML !== fresh.innerHTML) old.replaceWith(document.adoptNode(fresh))
  }
  document.title = next.title
  document.body.dataset.report = next.body.dataset.report
  for (const path of open) document.querySelector(path)?.parentElement.setAttribute('open', '')
  for (const path of chosen) {
    const input = document.querySelector(path)
    if (input) input.checked = true
  }
  if (focused && document.activeElement === document.body) document.querySelector(focused)?.focus({ preventScroll: true })
  const place = anchored && document.querySelector(anchored)
  if (place) window.scrollBy({ top: place.getBoundingClientRect().top - top, behavior: 'instant' })
  const says = document.querySelector('.headline')?.textContent
  updated = 'Updated ' + clock() + '.'
  say(when, updated)
  say(news, says === said ? '' : 'Now: ' + (says ?? '').trim() + '.')
}

async function look() {
  let next
  try {
    const answer = await fetch('/', { cache: 'no-store', signal: AbortSignal.timeout(5000) })
    if (answer.ok) next = new DOMParser().parseFromString(await answer.text(), 'text/html')
  } catch {}
  if (next?.body.dataset.report === undefined) {
    say(when, updated)
    say(news, 'Postern no longer answers here: this is its last report.')
    document.body.dataset.gone = ''
    return
  }
  if ('gone' in document.body.dataset) {
    delete document.body.dataset.gone
    say(news, '')
  }
  if (next.body.dataset.report === document.body.dataset.report) return
  if (document.getSelection()?.isCollapsed === false) say(news, 'A newer check is there: it is shown when no text is selected.')
  else put(next)
}

async function follow() {
  if (!document.hidden) await look()
  setTimeout(follow, everyMs)
}
setTimeout(follow, everyMs)
`

/** What the server that shows these pages has to send as their Content-Security-Policy. */
export const livePolicy = servedPolicy(script)

/** The report as a page that follows the checks of the server that shows it. */
export function checkHtmlLive(report: CheckReport): string {
  return checkHtmlPage({
    title: checkTitle(report),
    postern: report.postern,
    body: html`${liveLine}${checkBody(report)}`,
    live: { report: report.startedAt, script },
  })
}

/** What is shown before there is any report. */
export function waitingHtmlLive(postern: string): string {
  return checkHtmlPage({
    title: 'Postern: the first check is under way',
    postern,
    body: html`${liveLine}<header><h1>The first check is under way</h1></header><nav hidden></nav><main></main>`,
    live: { report: 'none yet', script },
  })
}

/** Before the script speaks, or where none runs, the line says what to do instead. */
const liveLine: Html = html`<aside class="live small" aria-label="This page"><span id="live-when">Reload this page for the newest check.</span> <span id="live-news" role="status"></span></aside>`
