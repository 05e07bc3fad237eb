/** CommonJS without newer syntax: it must run on every Node that it refuses. */
const OLDEST = 24;

/** Returns why this version of Node cannot run the project, in one sentence; null when it can. */
exports.nodeProblem = (version) =>
  Number(version.replace('v', '').split('.')[0]) >= OLDEST
    ? null
    : `Bulwark needs Node ${OLDEST} or newer, and this is Node ${version}: the install brought no Node for ${process.platform}-${process.arch}. Run npm ci without --omit=optional, or install Node ${OLDEST} from https://nodejs.org.`;

exports.EXIT_CONFIG = 78;
