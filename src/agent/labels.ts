/** What is read of labels: all else stays on the host, whatever people keep in it. */
const READ = /^(envoyage\.|com\.docker\.compose\.(project|service|container-number)$|io\.podman\.compose\.(project|service)$)/;

export function sentLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => READ.test(name)));
}
