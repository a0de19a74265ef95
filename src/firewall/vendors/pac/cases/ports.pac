function FindProxyForURL(url, host) {
  if (url.indexOf(":8443/") > 0) return "PROXY other.corp.example:8080";
  if (url.substring(0, 5) == "http:") return "PROXY plain.corp.example:80";
  return "DIRECT";
}
