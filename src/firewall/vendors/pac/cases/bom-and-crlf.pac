// script
function FindProxyForURL(url, host)
{
  return "";
}
