import { type JSX, useState } from "react";
import { Button } from "../../app/ui/Button.tsx";
import { Icon } from "../../app/ui/Icon.tsx";
import { Link } from "../../app/ui/Link.tsx";
import { usePolled } from "../../app/usePolled.ts";
import { useNow } from "../../app/words/useNow.ts";
import { type Alert, acknowledge, adminQuery, readAlerts } from "../api.ts";
import { Pager, usePages } from "../Pager.tsx";
import { placePath } from "../place.ts";
import { Empty, LIVE_MS, Shown, Trouble } from "../Shown.tsx";
import { Time } from "../Time.tsx";
import { useWork } from "../useWork.ts";
import { agentOf, ruleWords } from "../words.ts";

const CLOCK_MS = 5_000;

/** What somebody should look at, newest first. */
export function AlertsTab({ onAcknowledged }: { onAcknowledged: () => void }): JSX.Element {
  const [all, setAll] = useState(false);
  const pages = usePages();
  const path = adminQuery("alerts", { open: !all, before: pages.before });
  const polled = usePolled(path, readAlerts, LIVE_MS);
  const now = useNow(CLOCK_MS);
  const done = (): void => {
    polled.reload();
    onAcknowledged();
  };
  return (
    <section aria-label="Alerts">
      <div className="ad-bar">
        <label className="ad-check">
          <input
            type="checkbox"
            checked={all}
            onChange={(event) => {
              pages.restart();
              setAll(event.target.checked);
            }}
          />
          Show acknowledged
        </label>
      </div>
      <Shown
        polled={polled}
        isEmpty={({ rows }) => rows.length === 0}
        empty={
          <Empty icon="check" title={all ? "There was no alert yet" : "All is quiet"}>
            <p>
              Wrong keys, one key at many addresses, mass deletion, bursts at the limit, refusals
              and edits too fast to follow are told here.
            </p>
          </Empty>
        }
      >
        {({ rows, next }) => (
          <>
            <ul className="app-cards">
              {rows.map((alert) => (
                <Card key={alert.id} alert={alert} now={now} onDone={done} />
              ))}
            </ul>
            <Pager pages={pages} next={next} />
          </>
        )}
      </Shown>
    </section>
  );
}

function Card(props: { alert: Alert; now: number; onDone: () => void }): JSX.Element {
  const { alert, now, onDone } = props;
  const work = useWork();
  const agent = agentOf(alert);
  const isOpen = alert.acknowledgedAt === null;
  return (
    <li className={isOpen ? "app-card ad-alert ad-alert-open" : "app-card ad-alert"}>
      <Icon name={isOpen ? "warning" : "check"} />
      <div className="app-card-text">
        <h2>{ruleWords(alert.rule)}</h2>
        <p className="ad-message">{alert.message}</p>
        <p>
          <Time at={alert.raisedAt} now={now} />
          {typeof alert.details.address === "string" && ` · from ${alert.details.address}`}
          {agent !== null && (
            <>
              {" · "}
              <Link to={placePath({ tab: "audit", agent })}>What {agent} did</Link>
            </>
          )}
        </p>
        {alert.acknowledgedAt !== null && (
          <p>
            acknowledged <Time at={alert.acknowledgedAt} now={now} />
            {alert.acknowledgedBy !== null && ` by ${alert.acknowledgedBy}`}
          </p>
        )}
        <Trouble error={work.error} />
      </div>
      {isOpen && (
        <Button
          icon="check"
          aria-label={`Acknowledge: ${ruleWords(alert.rule)}, ${alert.subject}`}
          disabled={work.busy}
          onClick={() =>
            work.run(async () => {
              await acknowledge(alert.id);
              onDone();
            })
          }
        >
          Acknowledge
        </Button>
      )}
    </li>
  );
}
