import type { RequestListener } from 'node:http'
import { sendPage } from './page.ts'

/** The sign-in page of a firewall's own console: what is met where a NAT rule or a DNS record points to the wrong place. */
export const consoleAnswers: RequestListener = (request, response) => {
  response.setHeader('server', 'xxxxxxxx-xxxxx')
  if (request.url === '/') response.writeHead(303, { location: '/login' }).end()
  else sendPage(response, 200, 'FortiGate Login', 'Sign in to the console of FGT60F-CONSOLE.')
}
