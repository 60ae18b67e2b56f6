/** Keys of both active sets; sets without a key column are numbered alike and do not count. */
export const OVERLAPPING_KEYS = `
  SELECT a.key FROM dataset AS da JOIN dataset AS db ON da.role = 'investigated' AND db.role = 'trusted'
  JOIN sample AS a ON a.dataset = da.id JOIN sample AS b ON b.dataset = db.id AND b.key = a.key
  WHERE da.superseded = 0 AND db.superseded = 0 AND da.own_keys = 1 AND db.own_keys = 1
  ORDER BY a.row LIMIT ?`;
