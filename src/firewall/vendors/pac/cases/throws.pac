function FindProxyForURL(url, host) {
  return proxies[host];
}
