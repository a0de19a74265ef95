// Contoso browsers, kept by the network team. Change request before every edit.
function FindProxyForURL(url, host) {
  host = host.toLowerCase();

  // Own names never leave the house.
  if (isPlainHostName(host) || dnsDomainIs(host, ".corp.example") || host == "localhost") {
    return "DIRECT";
  }
  // Sign-in goes straight out: single sign-on and conditional access want the site's own address.
  if (shExpMatch(host, "login.microsoftonline.com") ||
      shExpMatch(host, "*.microsoftonline.com") ||
      shExpMatch(host, "autologon.microsoftazuread-sso.com") ||
      shExpMatch(host, "login.windows.net")) {
    return "DIRECT";
  }
  // Revocation lists are asked for in the clear.
  if (url.substring(0, 5) == "http:" && shExpMatch(host, "*.digicert.com")) {
    return "PROXY proxy.corp.example:3128";
  }
  // The branch has a proxy of its own.
  if (isInNet(myIpAddress(), "10.2.128.0", "255.255.128.0")) {
    return "PROXY branch.corp.example:8080; PROXY proxy.corp.example:3128";
  }
  return "PROXY proxy.corp.example:3128; DIRECT";
}
