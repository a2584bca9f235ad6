import * as http from 'node:http';
import * as https from 'node:https';
import { getProxyForUrl } from 'proxy-from-env';
import { notAProxy } from './errors.js';

/** What trust in a server rests on, as Node's TLS takes it. */
export interface Tls {
  readonly rejectUnauthorized?: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Kept-alive connections to one server, through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name for it. The libraries that speak to
 * proxies are loaded where there is one.
 */
export async function agentTo(server: string, tls: Tls = {}): Promise<http.Agent> {
  const isSecure = server.startsWith('https:');
  const proxy = getProxyForUrl(server);
  if (proxy === '') return isSecure ? new https.Agent({ keepAlive: true, ...tls }) : new http.Agent({ keepAlive: true });
  if (!URL.canParse(proxy)) throw notAProxy(server, proxy);
  if (!isSecure) return new (await import('http-proxy-agent')).HttpProxyAgent(proxy, { keepAlive: true });
  return new (await import('https-proxy-agent')).HttpsProxyAgent(proxy, { keepAlive: true, ...tls });
}
